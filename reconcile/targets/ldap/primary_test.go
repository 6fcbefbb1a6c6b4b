package ldap

import (
	"encoding/binary"
	"strconv"
	"testing"
)

// Who has a mapped group as primary group is in it, though AD lists the account nowhere among its members, and cannot be taken out of it.
func TestPrimaryGroup(t *testing.T) {
	d := readyAD(t)
	for _, derived := range []bool{false, true} {
		d.reset()
		targets := d.usual("")
		if derived {
			targets = d.derived()
		}
		target := d.open(t, targets, nil)
		made(t, target, "+ a ada", "+ a/r/u ada")
		sid := []byte(d.entry(d.groupDN("a-r-u"), "objectSid").GetRawAttributeValue("objectSid"))
		rid := strconv.Itoa(int(binary.LittleEndian.Uint32(sid[len(sid)-4:])))
		before := d.entry(d.userDN("ada"), "primaryGroupID").GetAttributeValue("primaryGroupID")
		d.set(d.userDN("ada"), "primaryGroupID", rid)
		t.Cleanup(func() { d.set(d.userDN("ada"), "primaryGroupID", before) })
		d.members("a-r-u") // now AD has it elsewhere
		// One that has not read the directory finds it too.
		for _, target := range []*Target{target, d.open(t, targets, nil)} {
			if got := apply(t, target, "+ a/r/u ada"); got[0] != "already" {
				t.Errorf("got %s, want already", got[0])
			}
			got := apply(t, target, "- a/r/u ada")
			says(t, got[0], "ada is in CN=a-r-u,", "it is the account's primary group; change that first")
			holds(t, target, "a ada", "a/r/u ada")
		}
		// Who loses all signs in no more.
		got := apply(t, target, "- a ada", "- a/r/u ada")
		says(t, got[1], "primary group")
		holds(t, target, "a/r/u ada")
		if !d.off("ada") {
			t.Error("got ada on, want off")
		}
		d.set(d.userDN("ada"), "primaryGroupID", before) // which AD makes a plain member of the one before
		target = d.open(t, targets, nil)
		made(t, target, "- a/r/u ada")
		holds(t, target)
	}
}
