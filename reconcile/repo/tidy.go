package repo

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
)

// maxPacks is how many pack files a mirror may have before they are joined. Each fetch brings one.
const maxPacks = 16

// stored is a pack file of a mirror.
type stored struct {
	path  string // without its ending
	size  int64
	index *idxfile.MemoryIndex
}

// list finds the pack files of a git folder, the smallest first.
func list(dir string) ([]stored, error) {
	names, err := filepath.Glob(filepath.Join(packsOf(dir), "*.pack"))
	if err != nil {
		return nil, err
	}
	var all []stored
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		all = append(all, stored{path: strings.TrimSuffix(name, ".pack"), size: info.Size()})
	}
	slices.SortFunc(all, func(a, b stored) int {
		if a.size != b.size {
			return int(min(max(a.size-b.size, -1), 1))
		}
		return strings.Compare(a.path, b.path)
	})
	return all, nil
}

func (p *stored) load() error {
	f, err := os.Open(p.path + ".idx")
	if err != nil {
		return err
	}
	defer f.Close()
	p.index = idxfile.NewMemoryIndex()
	return idxfile.NewDecoder(f).Decode(p.index)
}

// drop removes a pack file. Who has it open reads on; others find that the folder has changed, and look again.
func (p *stored) drop() error {
	return errors.Join(os.Remove(p.path+".pack"), os.Remove(p.path+".idx"))
}

// tidy joins the small packs of a git folder into one when there are too many, in a way that a large one is seldom written again: it is when those
// after it are half its size. Nothing is ever left out, so a commit that a forced push took from the branch can still be read.
func tidy(ctx context.Context, dir string) error {
	all, err := list(dir)
	if err != nil || len(all) <= maxPacks {
		return err
	}
	var join []stored
	var sum int64
	for i, p := range all {
		if i >= maxPacks/2 && p.size > 2*sum {
			break
		}
		sum += p.size
		join = append(join, p)
	}
	for i := range join {
		if err := join[i].load(); err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	// One whose objects all are in a larger one, as after a kill in the middle of this, is not needed.
	join = slices.DeleteFunc(join, func(p stored) bool {
		covered := slices.ContainsFunc(join, func(q stored) bool { return q.path != p.path && q.size > p.size && q.covers(p) })
		if covered {
			err = errors.Join(err, p.drop())
		}
		return covered
	})
	if err != nil || len(join) < 2 {
		return err
	}
	if err := merge(ctx, dir, join); err != nil {
		return err
	}
	for _, p := range join {
		err = errors.Join(err, p.drop())
	}
	return err
}

func (p *stored) covers(other stored) bool {
	entries, err := other.index.Entries()
	if err != nil {
		return false
	}
	for {
		e, err := entries.Next()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		if in, err := p.index.Contains(e.Hash); err != nil || !in {
			return false
		}
	}
}

// merge writes packs one after the other into one. An object that is a difference names its base by hash or by how far before it stands, so all stay as
// they are; that an object is there twice is allowed.
func merge(ctx context.Context, dir string, packs []stored) error {
	f, err := os.CreateTemp(incoming(dir), "pack-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var entries []idxfile.Entry
	for _, p := range packs {
		all, err := p.index.Entries()
		if err != nil {
			return err
		}
		start := len(entries)
		for {
			e, err := all.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			entries = append(entries, *e)
		}
		slices.SortFunc(entries[start:], func(a, b idxfile.Entry) int { return int(int64(a.Offset) - int64(b.Offset)) })
	}
	sum := sha1.New()
	w := io.MultiWriter(f, sum)
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("PACK"), 2), uint32(len(entries)))
	if _, err := w.Write(header); err != nil {
		return err
	}
	at, next := uint64(packHeader), 0
	for _, p := range packs {
		if err := ctx.Err(); err != nil {
			return err
		}
		count, err := p.index.Count()
		if err != nil {
			return err
		}
		for i := range int(count) {
			entries[next+i].Offset += at - packHeader
		}
		next += int(count)
		n, err := p.body(w)
		if err != nil {
			return err
		}
		at += uint64(n)
	}
	name := plumbing.Hash(sum.Sum(nil))
	if _, err := f.Write(name[:]); err != nil {
		return err
	}
	return install(dir, f, name, encode(entries, name))
}

// body writes the objects of a pack.
func (p *stored) body(w io.Writer) (int64, error) {
	f, err := os.Open(p.path + ".pack")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return io.Copy(w, io.NewSectionReader(f, packHeader, p.size-packHeader-packTrailer))
}

// encode is the index of a pack, version 2 of git's Documentation/gitformat-pack. go-git's own leaves out what is there twice, and git takes such an
// index for damaged.
func encode(entries []idxfile.Entry, pack plumbing.Hash) []byte {
	slices.SortFunc(entries, func(a, b idxfile.Entry) int {
		if c := bytes.Compare(a.Hash[:], b.Hash[:]); c != 0 {
			return c
		}
		return int(int64(a.Offset) - int64(b.Offset))
	})
	put := binary.BigEndian.AppendUint32
	out := put([]byte{0xff, 't', 'O', 'c'}, 2)
	i := 0
	for first := range 256 {
		for i < len(entries) && int(entries[i].Hash[0]) <= first {
			i++
		}
		out = put(out, uint32(i))
	}
	for _, e := range entries {
		out = append(out, e.Hash[:]...)
	}
	for _, e := range entries {
		out = put(out, e.CRC32)
	}
	var far []byte
	for _, e := range entries {
		if e.Offset < 1<<31 {
			out = put(out, uint32(e.Offset))
			continue
		}
		out = put(out, 1<<31|uint32(len(far)/8))
		far = binary.BigEndian.AppendUint64(far, e.Offset)
	}
	out = append(append(out, far...), pack[:]...)
	sum := sha1.Sum(out)
	return append(out, sum[:]...)
}

// install puts a pack among those of a git folder: its index first, since a pack is what readers look for.
func install(dir string, pack *os.File, name plumbing.Hash, index []byte) error {
	to := filepath.Join(packsOf(dir), "pack-"+name.String())
	if err := replace(dir, to+".idx", index); err != nil {
		return err
	}
	if err := errors.Join(pack.Chmod(0o444), pack.Sync()); err != nil {
		return err
	}
	if err := os.Rename(pack.Name(), to+".pack"); err != nil {
		return err
	}
	return syncFolder(packsOf(dir))
}

// replace writes a file so that it is there whole or not at all.
func replace(dir, path string, content []byte) error {
	f, err := os.CreateTemp(incoming(dir), "file-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
