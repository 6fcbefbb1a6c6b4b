#!/bin/sh
# Accounts in a file of tab-separated lines, for a target of kind exec with lines: tsv. Usage: accounts.sh FILE
#
# A start for a script of your own. It needs a POSIX shell, awk, mktemp and flock. A field is never empty (\- stands for nothing) and its tabs and line ends
# are written \t, \n and \r; the script keeps fields just as they come and never takes them apart, so that no value, whatever it holds, can do anything here.
set -eu
umask 077
export LC_ALL=C.UTF-8
[ $# = 1 ] || { echo 'usage: accounts.sh FILE' >&2; exit 2; }
file=$1
work=$(mktemp -d "$file.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# Without its last line a request is cut short: nothing of it may be done.
cat >"$work/request"
op=$(awk -F '\t' '
  NR == 1 && $1 == "behorig" && $2 == "1" { op = $3 }
  $1 == "change" { n++ }
  { last = ($1 == "end" && $2 + 0 == n + 0) }
  END { if (op == "" || !last) exit 1; print op }' "$work/request") || { echo 'the request is not whole, or of another version' >&2; exit 1; }

# One at a time. The lock goes when the script does, however it ends.
exec 9>>"$file.lock"
flock 9
[ -e "$file" ] || : >"$file"

# A line of the file: SYSTEM ACCOUNT ROLE UNIT UNTIL ENABLED; role \- is the account itself.
case $op in
read | accounts)
  awk -F '\t' -v OFS='\t' '
    FILENAME == ARGV[1] { if ($1 == "system") asked[$2]; next }
    $1 in asked { print "entry", $0; n++ }
    END { print "end", n + 0 }' "$work/request" "$file"
  ;;
apply)
  new=$work/new awk -F '\t' -v OFS='\t' '
    function put(k, until, enabled) {
      if (!(k in untils)) order[++n] = k
      else if (untils[k] "" == until "" && on[k] == enabled) return "already"
      untils[k] = until
      on[k] = enabled
      return "done"
    }
    FILENAME == ARGV[1] { put($1 OFS $2 OFS $3 OFS $4, $5, $6); next }
    $1 != "change" { next }
    {
      k = $4 OFS $5 OFS $6 OFS $7
      status = "already"
      error = "\\-"
      if ($3 == "account" || $3 == "grant" || $3 == "change") status = put(k, $8, "true")
      else if ($3 == "disable") { if (k in untils) status = put(k, untils[k], "false") }
      else if ($3 != "revoke") { status = "failed"; error = "the verb is not known; use a newer accounts.sh" }
      else if (k in untils) { delete untils[k]; status = "done" }
      print "answer", $2, status, error
      answers++
    }
    END {
      print "end", answers + 0
      for (i = 1; i <= n; i++)
        if (order[i] in untils) { print order[i], untils[order[i]], on[order[i]] > ENVIRON["new"]; delete untils[order[i]] }
    }' "$file" "$work/request" >"$work/answers"
  ;;
probe)
  printf 'probe\tyes\tskriva i mappen\twrite in the folder\nend\t1\n'
  ;;
*)
  echo "op $op is not known; use a newer accounts.sh" >&2
  exit 1
  ;;
esac

if [ "$op" = apply ]; then
  # The file is replaced whole, and before anything is answered: "done" means that it will still be so after a power cut.
  [ -e "$work/new" ] || : >"$work/new"
  sync "$work/new"
  mv "$work/new" "$file"
  cat "$work/answers"
fi
