# The rules that stop a merge. A message is the rule's name and the line.
package main

import rego.v1

says(rule, what) := {"msg": sprintf("%s: %s", [rule, what]), "rule": rule}

deny contains says("guideline", grant.name) if {
	edition := data.settings.guideline.edition
	some grant in grants
	requires_guideline(grant)
	not guideline_read(grant, edition)
}

guideline_read(grant, edition) if {
	time_of(input.guideline.read) <= grant.on
	input.guideline.edition == edition
}

guideline_read(grant, _) if {
	time_of(input.guideline.read) <= grant.on
	grace := time_of(data.settings.guideline.from) + (data.settings.guideline.graceDays * day_length)
	grant.on <= grace
}

deny contains says("siths", grant.name) if {
	some grant in grants
	grant.level > 0
	not siths_card(grant)
}

siths_card(grant) if {
	some card in input.cards
	startswith(card.kind, "siths")
	object.get(card, "loa", 0) >= grant.level
	time_of(card.validUntil) >= grant.on
}

deny contains says("card-form", grant.name) if {
	data.settings.cards.siths
	some grant in grants
	grant.level > 0
	not form_may_have_siths(grant)
}

form_may_have_siths(grant) if {
	some employment in employments
	employment.from <= grant.on
	employment.until >= grant.on
	some kind in ["siths", "siths-reserve"]
	form_may_have(kind, employment)
}

form_may_have(kind, employment) if {
	rule := data.settings.cards[kind]
	employment.form in rule.forms
	employment.days > object.get(rule, ["moreThanDays", employment.form], 0)
}

deny contains says("card-form", card.kind) if {
	not ended
	some card in input.cards
	data.settings.cards[card.kind]
	time_of(card.validUntil) >= today
	not somebody_may_have(card)
}

somebody_may_have(card) if {
	some employment in employments
	employment.until >= today
	form_may_have(card.kind, employment)
}

deny contains says("hsa-id", grant.name) if {
	not input.hsaId
	some grant in grants
	requires_hsa_id(grant)
}

deny contains says("licence", grant.name) if {
	some grant in grants
	licences := licences_of(grant)
	not licensed(grant, licences)
}

licensed(grant, licences) if {
	some licence in input.licences
	licence.profession in licences
	checked := time_of(licence.checked)
	checked <= grant.on
	checked + (limits.licenceDays * day_length) >= grant.on
}

# Access that is not the normal one of the employment: in another unit, or marked as extended.
special(grant) if not grant.home

special(grant) if grant.extended

deny contains says("temporary", grant.name) if {
	some grant in grants
	special(grant)
	temporary_wrong(grant)
}

temporary_wrong(grant) if not grant.ends

temporary_wrong(grant) if grant.reason == ""

temporary_wrong(grant) if {
	grant.ends
	grant.days > limits.temporaryDays
}

temporary_wrong(_) if not input.identity

# An adopted line whose review is too far away. What other rules have against such a line is a warning, but no generated one has anything else against it.
deny contains says("adopted", grant.name) if {
	some grant in grants
	grant.adopted
	grant.until > today + (limits.adoptedDays * day_length)
}

deny contains says("employment", access) if {
	some employment in employments
	some access in employment.access
	outside(access, employment)
}

outside(access, employment) if time_of(access.from) < employment.from

outside(access, employment) if time_of(access.from) > employment.until

outside(access, employment) if time_of(access.until) > employment.until

outside(access, employment) if time_of(access.until) < employment.from

deny contains says("employment", employment.form) if {
	some employment in employments
	employment.until == never
	not employment.form in {"permanent", "hourly", "elected"}
}

deny contains says("hourly", grant.name) if {
	some grant in grants
	grant.form == "hourly"
	grant.days > limits.hourlyDays
}

deny contains says("role-allowed", grant.name) if {
	some grant in grants
	kinds := data.systems[grant.system].roles[grant.role].unitKinds
	not data.units[grant.unit].kind in kinds
}

deny contains says("role-allowed", grant.name) if {
	some grant in grants
	forms := data.systems[grant.system].roles[grant.role].forms
	not grant.form in forms
}

deny contains says("conflict", grant.name) if {
	some grant in grants
	some name in data.systems[grant.system].roles[grant.role].conflicts
	some other in grants
	other.name == name
	grant.from <= other.until
	other.from <= grant.until
}

deny contains says("reference", employment.unit) if {
	some employment in employments
	not data.units[employment.unit]
}

deny contains says("reference", access.unit) if {
	some employment in employments
	some access in employment.access
	access.unit
	not data.units[access.unit]
}

deny contains says("reference", access.package) if {
	some employment in employments
	some access in employment.access
	access.package
	not data.packages[access.package]
}

deny contains says("reference", access.system) if {
	some employment in employments
	some access in employment.access
	not access.package
	not data.systems[access.system].roles[access.role]
}
