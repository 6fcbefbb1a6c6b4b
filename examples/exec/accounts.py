#!/usr/bin/env python3
"""Accounts in a JSON file, for a target of kind exec: accounts.py FILE

A start for a program of your own: what is between "your system" and "the protocol" is what you change. It needs nothing beside Python 3.8.
"""

import fcntl
import json
import os
import sys
import tempfile

VERSION = 1


class Refused(Exception):
    """A change that cannot be made; the text is shown, so it says what to do and holds nobody's data."""


# --- your system -----------------------------------------------------------------------------------------------------------------


class Accounts:
    """One system's accounts: {"ada": {"enabled": true, "until": "", "roles": [{"role": …, "unit": …, "until": …}]}}"""

    def __init__(self, accounts):
        self.accounts = accounts

    def entries(self):
        for name, account in sorted(self.accounts.items()):
            yield {"account": name, "until": account["until"], "enabled": account["enabled"]}
            for role in account["roles"]:
                yield {"account": name, **role}

    def make(self, change):
        """Makes one change and tells whether anything had to be done. Made twice, it is done once."""
        verb, name, until = change["verb"], change["account"], change.get("until", "")
        account = self.accounts.get(name)
        if verb == "account":
            wanted = {"enabled": True, "until": until}
            if account and all(account[k] == v for k, v in wanted.items()):
                return False
            self.accounts[name] = {"roles": [], **(account or {}), **wanted}
            return True
        if verb == "disable":  # never deleted
            if not account or not account["enabled"]:
                return False
            account["enabled"] = False
            return True
        role, unit = change["role"], change.get("unit", "")
        if verb in ("grant", "change"):
            account = self.accounts.setdefault(name, {"enabled": False, "until": "", "roles": []})
        elif verb != "revoke":
            raise Refused(f"verb {verb} is not known; use a newer accounts.py")
        elif not account:
            return False
        others = [r for r in account["roles"] if (r["role"], r["unit"]) != (role, unit)]
        if verb == "revoke":
            changed = len(others) < len(account["roles"])
        else:
            others.append({"role": role, "unit": unit, "until": until})
            changed = others[-1] not in account["roles"]
        if changed:
            account["roles"] = others
        return changed


class File:
    """All systems in one file. Whoever changes it holds the lock; it is replaced whole, so that a cut leaves the old or the new."""

    def __init__(self, path):
        self.path = path
        self.lock = open(path + ".lock", "a")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            with open(path, encoding="utf-8") as f:
                self.systems = json.load(f)
        except FileNotFoundError:
            self.systems = {}

    def system(self, key):
        return Accounts(self.systems.setdefault(key, {}))

    def save(self):
        folder = os.path.dirname(os.path.abspath(self.path))
        handle, name = tempfile.mkstemp(dir=folder, prefix=".accounts-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as f:
                json.dump(self.systems, f, ensure_ascii=False, indent=1)
                f.flush()
                os.fsync(f.fileno())
            os.replace(name, self.path)
        except BaseException:
            os.unlink(name)
            raise


# --- the protocol ----------------------------------------------------------------------------------------------------------------


def listing(request, file):
    for key in request["systems"]:
        for entry in file.system(key).entries():
            yield {"system": key, **entry}


def apply(changes, file):
    answers = []
    for change in changes:
        try:
            done = file.system(change["system"]).make(change)
            answers.append({"id": change["id"], "status": "done" if done else "already"})
        except Refused as e:
            answers.append({"id": change["id"], "status": "failed", "error": str(e)})
    file.save()  # before anything is answered: "done" means that it will still be so after a power cut
    return answers


def probe(path):
    folder = os.path.dirname(os.path.abspath(path))
    may = os.access(folder, os.W_OK)
    yield {"sv": "skriva i mappen", "en": "write in the folder", "answer": "yes" if may else "no", "doEn": "" if may else f"chown {folder}"}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: accounts.py FILE")
    lines = [json.loads(line) for line in sys.stdin]
    # Without its last line a request is cut short: nothing of it may be done.
    if len(lines) < 2 or lines[-1] != {"end": True, "count": len(lines) - 2}:
        sys.exit("the request is not whole")
    request, changes = lines[0], lines[1:-1]
    if request["version"] != VERSION:
        sys.exit(f"version {request['version']} of the protocol is not known; use a newer accounts.py")
    if request["op"] in ("read", "accounts"):
        answers = listing(request, File(sys.argv[1]))
    elif request["op"] == "apply":
        answers = apply(changes, File(sys.argv[1]))
    elif request["op"] == "probe":
        answers = probe(sys.argv[1])
    else:
        sys.exit(f"op {request['op']} is not known; use a newer accounts.py")
    count = 0
    for answer in answers:
        print(json.dumps(answer, ensure_ascii=False))
        count += 1
    print(json.dumps({"end": True, "count": count}))


if __name__ == "__main__":
    os.umask(0o077)
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    main()
