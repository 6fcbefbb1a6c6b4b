# What the rules look at: the access that a person's file orders, each grant with its employment and its days. The catalogue is in data: units,
# systems and packages as their files have them, settings (behorig.yaml), and today.
package main

import rego.v1

# Nanoseconds since 1970; never stands for no end.
never := 9000000000000000000

day_length := 86400000000000

time_of(date) := time.parse_ns("2006-01-02", date)

end_of(thing) := time_of(thing.until) if thing.until

else := never

today := time_of(data.today)

limits := data.settings.limits

# The days of an employment or a grant, both ends counted.
length(from, until) := never if until == never

else := ((until - from) / day_length) + 1

employments := [employment |
	some e in input.employments
	from := time_of(e.from)
	until := end_of(e)
	employment := {
		"unit": e.unit, "form": e.form, "from": from, "until": until, "days": length(from, until),
		"access": object.get(e, "access", []), "leave": object.get(e, "leave", []),
	}
]

ended if every employment in employments {
	employment.until < today
}

# What a line orders: a role of its own, or those of its package.
rows(access) := data.packages[access.package].access if access.package

else := [{"system": access.system, "role": access.role}]

start_of(access, employment) := max([time_of(access.from), employment.from]) if access.from

else := employment.from

grants := [grant |
	some employment in employments
	some access in employment.access
	from := start_of(access, employment)
	until := min([end_of(access), employment.until])
	from <= until
	on := first_day(max([from, today]), until, employment.leave)
	unit := object.get(access, "unit", employment.unit)
	home := unit == employment.unit
	ends := object.get(access, "until", "") != ""
	some row in rows(access)
	grant := {
		"name": concat("/", [row.system, row.role]),
		"system": row.system, "role": row.role, "unit": unit, "form": employment.form,
		"home": home, "extended": object.get(access, "extended", false), "adopted": object.get(access, "adopted", false),
		"ends": ends, "reason": object.get(access, "reason", ""), "from": from, "until": until, "on": on,
		"days": length(from, until), "level": level_of(row.system, row.role),
	}
]

# The first day on which a grant holds: its start, or the day after some leave, whichever is first and not in leave.
first_day(start, until, leave) := start if {
	start <= until
	not on_leave(start, leave)
} else := min([back |
	some away in leave
	back := time_of(away.until) + day_length
	back >= start
	back <= until
	not on_leave(back, leave)
])

on_leave(day, leave) if {
	some away in leave
	time_of(away.from) <= day
	time_of(away.until) >= day
}

# What a role requires, of itself or by its system. References go straight to the value: naming the whole role or system would have all of it
# read from data each time.
requires_guideline(grant) if data.systems[grant.system].requires.guideline

requires_guideline(grant) if data.systems[grant.system].roles[grant.role].requires.guideline

requires_hsa_id(grant) if data.systems[grant.system].requires.hsaId

requires_hsa_id(grant) if data.systems[grant.system].roles[grant.role].requires.hsaId

licences_of(grant) := licences if {
	licences := data.systems[grant.system].roles[grant.role].requires.licence
} else := data.systems[grant.system].requires.licence

# The level of SITHS card that a role requires; nought for none.
level_of(system, role) := max([
	system_level(system),
	role_level(system, role),
])

system_level(system) := level if {
	level := data.systems[system].requires.siths
} else := 0

role_level(system, role) := level if {
	level := data.systems[system].roles[role].requires.siths
} else := 0

item_of(grant) := data.systems[grant.system].roles[grant.role].requires.item

item_of(grant) := data.systems[grant.system].requires.item if not data.systems[grant.system].roles[grant.role].requires.item
