package behorig

# METADATA
# title: clear-identity
# description: No personnummer or samordningsnummer stands in clear, in a file, a file's name, a branch or a commit message.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: none
#   firm: true
#   controls: ["5.34", "8.12"]
#   message:
#     sv: "ett personnummer står i klartext"
#     en: "a personal identity number stands in clear"
#   hint:
#     sv: "ta bort det, även ur tidigare incheckningar i grenen; försegla det med behorig seal om det behövs"
#     en: "remove it, from earlier commits of the branch too; seal it with behorig seal if it is needed"
#   cases:
#     name:
#       message:
#         sv: "ett personnummer står i klartext i en fils namn"
#         en: "a personal identity number stands in clear in the name of a file"
#       hint:
#         sv: "byt namn på filen och skriv om grenens historik"
#         en: "rename the file and rewrite the branch's history"
#     message:
#       message:
#         sv: "ett personnummer står i klartext i meddelandet till incheckningen {id}"
#         en: "a personal identity number stands in clear in the message of commit {id}"
#       hint:
#         sv: "skriv om meddelandet (git commit --amend eller git rebase -i)"
#         en: "rewrite the message (git commit --amend or git rebase -i)"
#     branch:
#       message:
#         sv: "ett personnummer står i klartext i grenens namn"
#         en: "a personal identity number stands in clear in the name of the branch"
#       hint:
#         sv: "byt namn på grenen och ta bort den gamla på servern"
#         en: "rename the branch and delete the old one on the server"
#   why:
#     sv: "Personnummer behandlas bara när det är klart motiverat (dataskyddslagen 3 kap. 10 §); git glömmer inget"
#     en: "Personal identity numbers are processed only where clearly justified (dataskyddslagen 3:10); git forgets nothing"
#   bad: |
#     reason: Gäller YYYYMMDD-NNNN
#   good: |
#     reason: Nattpass på Västerhöjd
deny contains {
	"rule": "clear-identity", "case": clear.where, "file": clear.file, "path": "",
	"params": {"id": clear.id, "line": clear.line, "column": clear.column},
	"grants": [],
} if {
	input.kind == "order"
	some clear in input.order.clear
}
