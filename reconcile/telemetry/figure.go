package telemetry

// figure is one gauge: what is so now.
type figure int

// sample is a figure's value, with the labels that come after those of its owner (none, repository, or repository and system).
type sample struct {
	figure figure
	value  float64
	labels []string
}

const (
	pending figure = iota
	held
	unordered
	drift
	stopped
	ordersOpen
	ordersOverdue
	ordersRefused
	removalDue
	unread
	lastPass
	lastSuccess
	systemInfo
	period
	suspended
	findings
	unjudged
	removalsOnly
	standing
	ledgerUp
	fetched
	jobs
	oldestJob
)

var figures = [...]struct {
	name, help string
	labels     []string
}{
	pending:       {"behorig_pending_changes", "Changes that the last pass was to make and did not: they failed and are tried again.", []string{"repository", "system", "verb"}},
	held:          {"behorig_held_changes", "Changes held back, by cause; no series where none are.", []string{"repository", "system", "verb", "cause"}},
	unordered:     {"behorig_unordered_grants", "Grants that somebody holds and nobody ordered.", []string{"repository", "system"}},
	drift:         {"behorig_drift_grants", "Grants that the system showed otherwise than we gave them when the last pass began: missing, or with another last day (changed).", []string{"repository", "system", "kind"}},
	stopped:       {"behorig_guard_stopped", "1 while the guard holds back changes of the system on the axis; no series otherwise.", []string{"repository", "system", "axis"}},
	ordersOpen:    {"behorig_work_orders_open", "Work orders that wait for a desk, the overdue among them.", []string{"repository", "system", "desk"}},
	ordersOverdue: {"behorig_work_orders_overdue", "Work orders whose last day of service time has passed.", []string{"repository", "system", "desk"}},
	ordersRefused: {"behorig_work_orders_refused", "Work orders that a desk refused to carry out and that are ordered still.", []string{"repository", "system", "desk"}},
	removalDue:    {"behorig_oldest_removal_due_timestamp_seconds", "When the removal that has waited longest was due; it waits for the system to take it, a desk to make it, or what holds it back (held). No series where none waits.", []string{"repository", "system", "waits"}},
	unread:        {"behorig_unread", "1 while the system's figures are of an earlier pass, since the last one could not read it or broke; 0 otherwise.", []string{"repository", "system", "target"}},
	lastPass:      {"behorig_last_pass_timestamp_seconds", "When this process last ended a pass over the system, however it went.", []string{"repository", "system"}},
	lastSuccess:   {"behorig_last_success_timestamp_seconds", "When a pass over the system last ended in which it was read and no change of it failed.", []string{"repository", "system"}},
	systemInfo:    {"behorig_system_info", "Always 1: the systems of the catalogue.", []string{"repository", "system", "desk", "target"}},
	period:        {"behorig_schedule_period_seconds", "How often the system is to be passed.", []string{"repository", "system"}},
	suspended:     {"behorig_suspended_until_timestamp_seconds", "When the suspension of a system ends; no series where it is not suspended.", []string{"repository", "system"}},
	findings:      {"behorig_findings", "Findings of the rules at the last judgement; no series where a rule finds nothing.", []string{"repository", "rule", "severity"}},
	unjudged:      {"behorig_unjudged_people", "People who could not be judged and are given nothing new.", []string{"repository"}},
	removalsOnly:  {"behorig_removals_only", "1 while the newest commit may not be used and the last good one serves removals alone.", []string{"repository"}},
	standing:      {"behorig_standing_orders", "Orders in force past the repository: emergency revocations, break-glass grants, suspensions.", []string{"repository", "kind"}},
	ledgerUp:      {"behorig_ledger_up", "Whether the ledger could be written when it last was to be.", []string{"repository"}},
	fetched:       {"behorig_fetch_success_timestamp_seconds", "When the repository was last fetched and accepted, newer or not.", []string{"repository"}},
	jobs:          {"behorig_queue_jobs", "Jobs in the queue by state. Where processes share a queue each tells all of it.", []string{"state"}},
	oldestJob:     {"behorig_queue_oldest_job_timestamp_seconds", "Since when the job that has been longest in the state has been ready in it; no series where none is.", []string{"state"}},
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
