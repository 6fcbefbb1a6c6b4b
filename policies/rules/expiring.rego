package behorig

# METADATA
# title: expiring
# description: What ends soon is told in time, and access that a card will not last for is told when it is ordered.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: warn
#   effect: none
#   controls: ["5.18"]
#   message:
#     sv: "den tillfälliga eller utökade behörigheten {role} i {system} för {unit} upphör efter {until}"
#     en: "the temporary or extended access {role} in {system} for {unit} ends after {until}"
#   hint:
#     sv: "förläng until om behovet finns kvar; annars behöver du inte göra något"
#     en: "extend until if the need remains; else there is nothing to do"
#   cases:
#     adopted:
#       message:
#         sv: "raden är övertagen (adopted) och upphör efter {until} om ingen ser över den"
#         en: "the line is adopted and ends after {until} unless somebody reviews it"
#       hint:
#         sv: "behövs behörigheten: ta bort adopted och until, så bedöms raden som en beställning; behövs den inte: ta bort raden nu"
#         en: "if the access is needed, remove adopted and until, and the line is judged as an order; if it is not, remove the line now"
#     card:
#       message:
#         sv: "SITHS-kortet gäller till och med {until}, och medarbetarens behörigheter gäller längre"
#         en: "the SITHS card is valid until {until}, and the co-worker's access lasts longer"
#       hint:
#         sv: "beställ ett nytt kort hos kortdisken nu (räkna med två veckor) och skriv in det under cards"
#         en: "order a new card at the card desk now (allow two weeks) and enter it under cards"
#     sooner:
#       message:
#         sv: "{role} i {system} är beställd till och med {until}, men SITHS-kortet gäller till och med {card}"
#         en: "{role} in {system} is ordered until {until}, but the SITHS card is valid until {card}"
#       hint:
#         sv: "behörigheten vilar från dagen efter om kortet inte förnyas; beställ ett nytt kort i god tid"
#         en: "the access rests from the day after unless the card is renewed; order a new card in good time"
#     licence:
#       message:
#         sv: "kontrollen av legitimationen ({profession}) gäller till och med {until}"
#         en: "the check of the licence ({profession}) is good until {until}"
#       hint:
#         sv: "kontrollera den igen i Socialstyrelsens register HOSP och skriv dagen under checked"
#         en: "check it again in Socialstyrelsen's register HOSP and write the day under checked"
#     employment:
#       message:
#         sv: "anställningen som {form} slutar {until}, och behörigheterna med den"
#         en: "the employment as {form} ends on {until}, and its access with it"
#       hint:
#         sv: "förläng until på anställningen om medarbetaren stannar; annars: planera återlämning av telefon, nyckel och kort"
#         en: "extend until on the employment if the co-worker stays; else plan the return of phone, key and card"
#   why:
#     sv: "Behörighet följs upp regelbundet (HSLF-FS 2016:40 4 kap.), så att den som ska ha den inte står utan"
#     en: "Access is reviewed regularly (HSLF-FS 2016:40 ch. 4), so that whoever is to have it is not left without"
#   bad: |
#     cards:
#       - {kind: siths, loa: 3, validUntil: 2026-12-15}   # on 2026-12-01
#   good: |
#     cards:
#       - {kind: siths, loa: 3, validUntil: 2026-12-15}
#       - {kind: siths, loa: 3, validUntil: 2031-12-15}
deny contains {
	"rule": "expiring", "case": "card", "path": object.get(card, "path", "cards"),
	"params": {"until": object.get(card, "untilDate", "")},
	"grants": [],
} if {
	input.kind == "person"
	some card in input.person.cards
	not card.siths == false
	not expiring_later(card)
	not expiring_over(card)
	some grant in siths_grants
	not expiring_enough(card, grant)
	not expiring_covered(grant)
}

deny contains {
	"rule": "expiring", "case": "sooner", "path": grant.path,
	"params": {
		"role": grant.role.name, "system": grant.role.systemName,
		"until": object.get(grant, "untilDate", ""), "card": object.get(card, "untilDate", ""),
	},
	"grants": [],
} if {
	input.kind == "person"
	some grant in siths_grants
	not grant.until == 9999999
	some card in input.person.cards
	card.until == expiring_best(grant)
	expiring_later(card)
	not expiring_enough(card, grant)
}

deny contains {
	"rule": "expiring", "case": "temporary", "path": grant.path,
	"params": {
		"role": grant.role.name, "system": grant.role.systemName, "unit": grant.unit.name,
		"until": object.get(grant, "untilDate", ""),
	},
	"grants": [],
} if {
	input.kind == "person"
	some grant in temporary_grants
	grant.adopted == false
	not grant.active == false
	not expiring_later(grant)
	not expiring_over(grant)
}

deny contains {
	"rule": "expiring", "case": "adopted", "path": grant.path,
	"params": {"until": object.get(grant, "untilDate", "")},
	"grants": [],
} if {
	input.kind == "person"
	some grant in adopted_grants
	not expiring_later(grant)
	not expiring_over(grant)
}

deny contains {
	"rule": "expiring", "case": "licence", "path": object.get(licence, "path", "licences"),
	"params": {"profession": object.get(licence, "profession", ""), "until": object.get(licence, "untilDate", "")},
	"grants": [],
} if {
	input.kind == "person"
	some licence in input.person.licences
	not expiring_later(licence)
	not expiring_over(licence)
	some grant in input.grants
	licence.profession in grant.role.licences
}

deny contains {
	"rule": "expiring", "case": "employment", "path": employment.path,
	"params": {"form": object.get(employment, "form", ""), "until": object.get(employment, "untilDate", "")},
	"grants": [],
} if {
	input.kind == "person"
	some employment in input.employments
	employment.from <= input.today
	not expiring_later(employment)
	not expiring_over(employment)
}

# What has no day is neither over nor later: it ends soon.
expiring_over(thing) if thing.until < input.today

expiring_later(thing) if thing.until - input.today > input.settings.warnDays

expiring_enough(card, grant) if grant.until <= card.until

expiring_fits(card, grant) if {
	card.siths
	card.loa >= grant.role.siths
}

expiring_covered(grant) if {
	some card in input.person.cards
	expiring_fits(card, grant)
	expiring_later(card)
}

expiring_best(grant) := max([card.until | some card in input.person.cards; expiring_fits(card, grant)])
