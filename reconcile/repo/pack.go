package repo

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// A pack file is a header of 12 bytes, objects, and the SHA-1 of all that (git's Documentation/gitformat-pack).
const (
	packHeader  = 12
	packTrailer = 20
)

// maxUnpacked is how much a fetch may grow when it is unpacked, times its limit: text shrinks to a fifth, a bomb to a thousandth.
const maxUnpacked = 32

// meter writes a pack as it comes, up to a limit.
type meter struct {
	file *os.File
	left int64
}

func (m *meter) Write(b []byte) (int, error) {
	if m.left -= int64(len(b)); m.left < 0 {
		return 0, errLimit
	}
	return m.file.Write(b)
}

// checksum is what a pack file must end with, after what it does end with.
func checksum(f io.ReaderAt, size int64) (is, want plumbing.Hash, err error) {
	if size < packHeader+packTrailer {
		return is, want, fmt.Errorf("%w: cut short", errDamaged)
	}
	sum := sha1.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, size-packTrailer)); err != nil {
		return is, want, err
	}
	sum.Sum(want[:0])
	_, err = f.ReadAt(is[:], size-packTrailer)
	return is, want, err
}

// examine reads a pack that has come from a stranger: it must be whole, small when unpacked, hold the tips, and with what is ours reach all that it
// speaks of. It gives the pack's name and index.
func examine(ctx context.Context, path string, tips []plumbing.Hash, limit int64, has func(plumbing.Hash) bool) (plumbing.Hash, *idxfile.MemoryIndex, error) {
	none := plumbing.ZeroHash
	f, err := osfs.New("/").Open(path)
	if err != nil {
		return none, nil, err
	}
	defer f.Close()
	info, err := os.Stat(path)
	if err != nil {
		return none, nil, err
	}
	is, want, err := checksum(f, info.Size())
	switch {
	case err != nil:
		return none, nil, err
	case is != want:
		return none, nil, fmt.Errorf("%w: its checksum is wrong", errDamaged)
	}
	if err := weigh(ctx, f, limit*maxUnpacked); err != nil {
		return none, nil, err
	}
	var writer idxfile.Writer
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return none, nil, err
	}
	parser, err := packfile.NewParser(packfile.NewScanner(f), &writer)
	if err != nil {
		return none, nil, err
	}
	name, err := parser.Parse()
	if err != nil {
		return none, nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	index, err := writer.Index()
	if err != nil || name != is {
		return none, nil, fmt.Errorf("%w: it has more than it says", errDamaged)
	}
	return name, index, closed(ctx, f, index, tips, has)
}

// weigh adds up what the objects of a pack unpack to, without unpacking more than they say.
func weigh(ctx context.Context, f billy.File, most int64) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	scan := packfile.NewScanner(f)
	_, count, err := scan.Header()
	if err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	for range count {
		if err := ctx.Err(); err != nil {
			return err
		}
		header, err := scan.NextObjectHeader()
		if err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		size := header.Length
		if size > maxObject {
			return errObjectSize
		}
		start := beginning{}
		if _, _, err := scan.NextObject(&start); err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		if header.Type.IsDelta() {
			size += start.target()
		}
		if size < 0 || size > maxObject {
			return errObjectSize
		}
		if most -= size; most < 0 {
			return errLimit
		}
	}
	return nil
}

// beginning keeps the first bytes of a difference, which tell how large its base is and how large its result.
type beginning struct{ bytes.Buffer }

func (s *beginning) Write(b []byte) (int, error) {
	s.Buffer.Write(b[:min(len(b), max(0, 2*binary.MaxVarintLen64-s.Len()))])
	return len(b), nil
}

func (s *beginning) target() int64 {
	_, n := binary.Uvarint(s.Bytes())
	size, m := binary.Uvarint(s.Bytes()[max(n, 0):])
	if n <= 0 || m <= 0 || size > maxObject {
		return maxObject + 1
	}
	return int64(size)
}

// closed tells whether all that the commits and folders of a pack speak of is in it or ours: then all is here that can be reached from what is here,
// and a later fetch may say so.
func closed(ctx context.Context, f billy.File, index *idxfile.MemoryIndex, tips []plumbing.Hash, has func(plumbing.Hash) bool) error {
	here := func(h plumbing.Hash) bool {
		in, err := index.Contains(h)
		return err == nil && in || has(h)
	}
	if !slices.ContainsFunc(tips, here) || slices.ContainsFunc(tips, func(h plumbing.Hash) bool { return !here(h) }) {
		return fmt.Errorf("%w: the branch's newest commit is not in it", errDamaged)
	}
	lacks := func(h plumbing.Hash) error { return fmt.Errorf("%w: %s is not in it", errDamaged, h) }
	pack := packfile.NewPackfile(index, nil, f, 0)
	for _, kind := range []plumbing.ObjectType{plumbing.CommitObject, plumbing.TreeObject} {
		all, err := pack.GetByType(kind)
		if err != nil {
			return err
		}
		err = all.ForEach(func(o plumbing.EncodedObject) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if kind == plumbing.CommitObject {
				var c object.Commit
				if err := c.Decode(o); err != nil {
					return fmt.Errorf("%w: %w", errDamaged, err)
				}
				for _, h := range append(c.ParentHashes, c.TreeHash) {
					if !here(h) {
						return lacks(h)
					}
				}
				return nil
			}
			var t object.Tree
			if err := t.Decode(o); err != nil {
				return fmt.Errorf("%w: %w", errDamaged, err)
			}
			for _, e := range t.Entries {
				if e.Mode != filemode.Submodule && !here(e.Hash) {
					return lacks(e.Hash)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
