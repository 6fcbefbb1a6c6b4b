# The rules that only tell.
package main

import rego.v1

warn contains says("items", grant.name) if {
	some grant in grants
	kind := item_of(grant)
	not issued(kind, grant)
}

issued(kind, grant) if {
	some item in input.items
	item.kind == kind
	time_of(item.issued) <= grant.on
	returned(item) > grant.on
}

returned(item) := time_of(item.returned) if item.returned

else := never

warn contains says("items", item.label) if {
	ended
	some item in input.items
	not item.returned
	time_of(item.issued) <= today
}

soon(end) if {
	end >= today
	end <= today + (limits.warnDays * day_length)
}

fits(card, grant) if {
	startswith(card.kind, "siths")
	object.get(card, "loa", 0) >= grant.level
}

warn contains says("expiring", card.validUntil) if {
	some card in input.cards
	startswith(card.kind, "siths")
	end := time_of(card.validUntil)
	soon(end)
	some grant in grants
	grant.level > 0
	grant.until > end
	not lasting_card(grant)
}

lasting_card(grant) if {
	some card in input.cards
	fits(card, grant)
	time_of(card.validUntil) > today + (limits.warnDays * day_length)
}

warn contains says("expiring", grant.name) if {
	some grant in grants
	grant.level > 0
	grant.until < never
	last := max([time_of(card.validUntil) | some card in input.cards; fits(card, grant)])
	not soon(last)
	grant.until > last
}

warn contains says("expiring", grant.name) if {
	some grant in grants
	special(grant)
	grant.on == today
	soon(grant.until)
}

warn contains says("expiring", licence.profession) if {
	some licence in input.licences
	soon(time_of(licence.checked) + (limits.licenceDays * day_length))
	some grant in grants
	licence.profession in licences_of(grant)
}

warn contains says("expiring", employment.form) if {
	some employment in employments
	employment.from <= today
	soon(employment.until)
}
