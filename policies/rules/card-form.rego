package behorig

# METADATA
# title: card-form
# description: The form of employment decides which cards a person may hold, and so which roles can be used.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["5.17"]
#   message:
#     sv: "{role} i {system} kräver SITHS-kort, och det kan medarbetaren inte få med den här anställningen ({form})"
#     en: "{role} in {system} requires a SITHS card, and the co-worker cannot have one with this employment ({form})"
#   hint:
#     sv: "beställ en roll som inte kräver SITHS-kort, eller rätta anställningens form och dagar om de är fel; fråga annars kortdisken"
#     en: "order a role that needs no SITHS card, or mend the employment's form and days if they are wrong; else ask the card desk"
#   cases:
#     card:
#       message:
#         sv: "{card} är inte till för någon av medarbetarens anställningar"
#         en: "{card} is not for any of the co-worker's employments"
#       hint:
#         sv: "byt kortet hos kortdisken och ta bort det under cards, eller rätta anställningens form och dagar om de är fel"
#         en: "have the card changed at the card desk and remove it under cards, or mend the employment's form and days if they are wrong"
#   why:
#     sv: "SITHS-kort är för tillsvidareanställda och vikarier i mer än tre månader; korta vikarier och timavlönade får Falkenbergskort"
#     en: "SITHS cards are for permanent staff and substitutes of more than three months; short and hourly substitutes have the Falkenberg card"
#   bad: |
#     - {unit: hemtjanst-norr, form: hourly, from: 2026-06-01, until: 2026-08-31, access: [{system: lifecare, role: utforare}]}
#   good: |
#     - {unit: hemtjanst-norr, form: hourly, from: 2026-06-01, until: 2026-08-31, access: [{system: appva-mcss, role: omvardnad-app}]}
deny contains {
	"rule": "card-form", "path": grant.path,
	"params": {"role": grant.role.name, "system": grant.role.systemName, "form": object.get(grant.employment, "form", "")},
	"grants": [grant.id],
} if {
	input.kind == "person"
	not card_form_free("siths")
	some grant in siths_grants
	not card_form_ok(grant)
}

deny contains {
	"rule": "card-form", "case": "card", "path": object.get(card, "path", "cards"),
	"params": {"card": object.get(card, "kind", "")},
	"grants": [],
} if {
	input.kind == "person"
	some card in input.person.cards
	not input.person.ended
	not card_form_kept(card)
	not card_form_over(card)
}

# A kind of card that no rule speaks of is for all.
card_form_free(kind) if {
	rules := input.settings.cards
	not rules[kind]
}

card_form_ok(grant) if {
	some employment in card_form_able
	employment.from <= grant.on
	employment.until >= grant.on
}

card_form_able := [employment |
	some employment in input.employments
	some kind in ["siths", "siths-reserve"]
	employment.days > input.settings.cards[kind].moreThanDays[employment.form]
]

card_form_over(card) if card.until < input.today

card_form_kept(card) if {
	some employment in input.employments
	employment.until >= input.today
	employment.days > input.settings.cards[card.kind].moreThanDays[employment.form]
}

card_form_kept(card) if card_form_free(card.kind)
