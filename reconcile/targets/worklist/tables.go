package worklist

import "slices"

// Tables are the versions of the tables that this kind of target keeps, for whoever copies its database without opening it.
func Tables() []string { return slices.Clone(steps) }
