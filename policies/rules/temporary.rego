package behorig

# METADATA
# title: temporary
# description: Access in another unit than the employment's, or beyond the role's normal, is for a time and for a reason.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["5.18"]
#   message:
#     sv: "tillfällig eller utökad behörighet till {role} i {system} för {unit} saknar sista dag"
#     en: "temporary or extended access to {role} in {system} for {unit} has no last day"
#   hint:
#     sv: "skriv until på raden, högst {max} dagar efter den första"
#     en: "write until on the line, {max} days after the first at most"
#   cases:
#     reason:
#       message:
#         sv: "tillfällig eller utökad behörighet till {role} i {system} för {unit} saknar skäl"
#         en: "temporary or extended access to {role} in {system} for {unit} has no reason"
#       hint:
#         sv: "skriv reason på raden: vad medarbetaren ska göra där, aldrig uppgifter om någons hälsa"
#         en: "write reason on the line: what the co-worker is to do there, never anything of anybody's health"
#     long:
#       message:
#         sv: "tillfällig eller utökad behörighet till {role} i {system} för {unit} gäller {days} dagar, och högst {max} är tillåtet"
#         en: "temporary or extended access to {role} in {system} for {unit} holds for {days} days, and {max} is the most allowed"
#       hint:
#         sv: "skriv en tidigare until och förläng när den dagen närmar sig, eller gör enheten till en egen anställning"
#         en: "write an earlier until and extend when that day draws near, or make the unit an employment of its own"
#     identity:
#       message:
#         sv: "tillfällig eller utökad behörighet till {role} i {system} kräver personnummer, och det är inte förseglat i filen"
#         en: "temporary or extended access to {role} in {system} requires the personnummer, and it is not sealed in the file"
#       hint:
#         sv: "försegla det med behorig seal; skriv det aldrig i klartext"
#         en: "seal it with behorig seal; never write it in clear"
#   why:
#     sv: "Behörighet ges efter behov: utökad och tillfällig behörighet har person, system, enhet, skäl och slut (HSLF-FS 2016:40 4 kap.)"
#     en: "Access is given by need: extended and temporary access has person, system, unit, reason and end (HSLF-FS 2016:40 ch. 4)"
#   bad: |
#     - {system: appva-mcss, role: sjukskoterska-webb, unit: sabo-vasterhojd}
#   good: |
#     - {system: appva-mcss, role: sjukskoterska-webb, unit: sabo-vasterhojd, from: 2026-12-10, until: 2026-12-23, reason: Nattpass på Västerhöjd}
deny contains {
	"rule": "temporary", "case": lack, "path": grant.path,
	"params": {
		"role": grant.role.name, "system": grant.role.systemName, "unit": grant.unit.name,
		"days": object.get(grant, "days", ""), "max": object.get(input, ["settings", "temporaryDays"], ""),
	},
	"grants": [grant.id],
} if {
	input.kind == "person"
	some grant in temporary_grants
	not temporary_complete(grant)
	some lack in temporary_lacks(grant)
}

temporary_grants := [grant | some grant in input.grants; not temporary_normal(grant)]

temporary_normal(grant) if {
	grant.home
	not grant.extended
}

temporary_complete(grant) if {
	input.person.sealed
	grant.ownUntil
	grant.reason != ""
	grant.days <= input.settings.temporaryDays
}

temporary_lacks(grant) := {lack |
	some lack in ["until", "reason", "long", "identity"]
	not temporary_has(lack, grant)
}

temporary_has("until", grant) if grant.ownUntil

temporary_has("reason", grant) if grant.reason != ""

temporary_has("long", grant) if grant.days <= input.settings.temporaryDays

temporary_has("long", grant) if not grant.ownUntil # said already

temporary_has("identity", _) if input.person.sealed
