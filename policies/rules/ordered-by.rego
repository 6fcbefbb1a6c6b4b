package behorig

# METADATA
# title: ordered-by
# description: Access is ordered by the unit's manager, a manager above or a deputy within dates, and by nobody for themselves.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: none
#   firm: true
#   controls: ["5.3", "5.18"]
#   message:
#     sv: "ändringen gäller {name}, och {orderers} får inte beställa där"
#     en: "the change is for {name}, and {orderers} may not order there"
#   hint:
#     sv: "be någon av dessa beställa eller godkänna: {may}"
#     en: "ask one of these to order or approve it: {may}"
#   cases:
#     self:
#       message:
#         sv: "ingen beställer eller godkänner för sig själv ({name})"
#         en: "nobody orders or approves for themselves ({name})"
#     lapsed:
#       message:
#         sv: "{lapsed} är ställföreträdare för {name}, men inte idag"
#         en: "{lapsed} is a deputy for {name}, but not today"
#     nobody:
#       message:
#         sv: "det går inte att se vem som beställt ändringen för {name}: den är inte signerad med en känd nyckel"
#         en: "who ordered the change for {name} cannot be told: it is not signed with a known key"
#     commit:
#       message:
#         sv: "incheckningen {id} är inte signerad med en känd nyckel ({problem})"
#         en: "commit {id} is not signed with a known key ({problem})"
#       hint:
#         sv: "signera den, eller be någon som får beställa att godkänna; nya nycklar läggs under signers i behorig.yaml av den som äger inställningarna"
#         en: "sign it, or ask somebody who may order to approve; new keys are put under signers in behorig.yaml by whoever owns the settings"
#   why:
#     sv: "Chefen för verksamheten svarar för vem som får läsa i den (HSLF-FS 2016:40 4 kap., ISO/IEC 27002 5.3)"
#     en: "The manager of a unit answers for who may read in it (HSLF-FS 2016:40 ch. 4, ISO/IEC 27002 5.3)"
#   bad: |
#     # signed by karin.berg, manager of hemtjanst-norr
#     - {system: combine, role: utforare, unit: sabo-vasterhojd, until: 2026-12-23, reason: Nattpass}
#   good: |
#     # the same, signed or approved by the manager of sabo-vasterhojd
#     - {system: combine, role: utforare, unit: sabo-vasterhojd, until: 2026-12-23, reason: Nattpass}
deny contains {
	"rule": "ordered-by", "case": ordered_by_case(change), "file": change.file, "path": change.path,
	"params": {
		"name": change.name, "may": ordered_by_others(change), "lapsed": ordered_by_lapsed(change),
		"orderers": [o | some o in change.orderers; o != ""],
	},
	"grants": [],
} if {
	input.kind == "order"
	some change in input.order.changes
	not ordered_by_ok(change)
}

deny contains {
	"rule": "ordered-by", "case": "commit", "file": "", "path": commit.id,
	"params": {"id": commit.id, "problem": commit.problem},
	"grants": [],
} if {
	input.kind == "order"
	some commit in input.order.commits
	not commit.problem == ""
	not ordered_by_all_approved
}

# Signed throughout by people who may, or approved by one who may.
ordered_by_ok(change) if {
	count(change.orderers) > 0
	every orderer in change.orderers {
		orderer in change.may
		ordered_by_other(change, orderer)
	}
}

ordered_by_ok(change) if ordered_by_approved(change)

ordered_by_approved(change) if {
	some approver in change.approvers
	approver in change.may
	ordered_by_other(change, approver)
}

ordered_by_other(change, who) if change.person != who

ordered_by_all_approved if {
	count(input.order.changes) > 0
	every change in input.order.changes {
		ordered_by_approved(change)
	}
}

# A request that changes nothing that anybody answers for needs some approval, whoever's.
ordered_by_all_approved if {
	count(input.order.changes) == 0
	count(input.order.approvers) > 0
}

ordered_by_others(change) := [who | some who in change.may; who != change.person]

ordered_by_lapsed(change) := [who | some who in change.lapsed; who in change.orderers]

ordered_by_case(change) := "nobody" if {
	"" in change.orderers
} else := "nobody" if {
	count(change.orderers) == 0
} else := "self" if {
	change.person in change.orderers
} else := "lapsed" if {
	count(ordered_by_lapsed(change)) > 0
} else := "unit"
