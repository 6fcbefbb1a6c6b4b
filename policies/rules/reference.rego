package behorig

# METADATA
# title: reference
# description: Everything that a file refers to must exist, and a login, HSA-id or employee number belongs to one person.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   firm: true
#   controls: ["5.16", "5.18"]
#   message:
#     sv: "{noun} {value} finns inte"
#     en: "{noun} {value} does not exist"
#   hint:
#     sv: "rätta stavningen, eller lägg till det som saknas"
#     en: "mend the spelling, or add what is missing"
#   cases:
#     nearest:
#       hint:
#         sv: "skriv {nearest}"
#         en: "write {nearest}"
#     system:
#       hint:
#         sv: "välj ett system ur katalogen; saknas det, be servicedesken lägga till det"
#         en: "choose a system of the catalogue; if it is not there, ask the service desk to add it"
#     role:
#       hint:
#         sv: "välj en av systemets roller; saknas den, fråga systemägaren"
#         en: "choose one of the system's roles; if it is not there, ask the system owner"
#     unit:
#       hint:
#         sv: "välj en enhet som finns; är den ny, be servicedesken lägga till den"
#         en: "choose a unit that exists; if it is new, ask the service desk to add it"
#     package:
#       hint:
#         sv: "välj ett paket som finns, eller beställ rollerna en och en"
#         en: "choose a package that exists, or order the roles one by one"
#     person:
#       hint:
#         sv: "skriv någon som har en egen fil under people"
#         en: "write somebody who has a file of their own under people"
#     target:
#       hint:
#         sv: "skriv ett av målen som står under targets i targets.yaml"
#         en: "write one of the targets that stand under targets in targets.yaml"
#     unbound:
#       message:
#         sv: "systemet {value} har inget mål, så ingen behörighet i det kan ges"
#         en: "system {value} has no target, so no access to it can be given"
#       hint:
#         sv: "skriv in systemet under systems i targets.yaml"
#         en: "add the system under systems in targets.yaml"
#     login:
#       message:
#         sv: "samma inloggningsnamn står hos {person} och {other}"
#         en: "{person} and {other} have the same login"
#       hint:
#         sv: "fråga servicedesken vem det tillhör och rätta hos den andra"
#         en: "ask the service desk whose it is and mend the other one"
#     hsaId:
#       message:
#         sv: "samma HSA-id står hos {person} och {other}"
#         en: "{person} and {other} have the same HSA-id"
#       hint:
#         sv: "fråga den som sköter HSA-katalogen vem det tillhör och rätta hos den andra"
#         en: "ask whoever keeps the HSA catalogue whose it is and mend the other one"
#     employeeId:
#       message:
#         sv: "samma anställningsnummer står hos {person} och {other}"
#         en: "{person} and {other} have the same employee number"
#       hint:
#         sv: "se i personalsystemet vem det tillhör och rätta hos den andra"
#         en: "look in the HR system whose it is and mend the other one"
#   why:
#     sv: "Varje behörighet ska ha en person, en roll och en enhet som finns, och inga konton delas (HSLF-FS 2016:40 4 kap.)"
#     en: "Each grant has a person, a role and a unit that exist, and no accounts are shared (HSLF-FS 2016:40 ch. 4)"
#   bad: |
#     - {system: lifecare, role: utforar}
#   good: |
#     - {system: lifecare, role: utforare}
deny contains {
	"rule": "reference", "case": reference_case(unknown), "file": unknown.file, "path": unknown.path,
	"params": {"noun": unknown.noun, "value": unknown.value, "nearest": unknown.nearest},
	"grants": unknown.grants,
} if {
	input.kind == "person"
	some unknown in input.unknown
}

deny contains {
	"rule": "reference", "case": reference_case(unknown), "file": unknown.file, "path": unknown.path,
	"params": {"noun": unknown.noun, "value": unknown.value, "nearest": unknown.nearest},
	"grants": [],
} if {
	input.kind == "organisation"
	some unknown in input.unknown
}

deny contains {
	"rule": "reference", "case": twice.noun, "file": twice.file, "path": twice.path,
	"params": {"person": twice.person, "other": twice.other},
	"grants": [],
} if {
	input.kind == "organisation"
	some twice in input.twice
}

reference_case(unknown) := "nearest" if {
	unknown.nearest != ""
} else := "unbound" if {
	unknown.path == "systems"
} else := unknown.noun
