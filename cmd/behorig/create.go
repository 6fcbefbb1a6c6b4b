package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/behorig/behorig/reconcile/adopt"
)

// stage is where new files are written whole before they come to their places.
const stage = ".behorig/import"

// createAll writes new files within the repository, each whole and none over another: first all beside the tree, then each to its place. A
// run that is killed leaves whole files, and what it left beside the tree is removed by the next. The error says how many came to their places.
func (s *session) createAll(files []adopt.File) (err error) {
	root, err := os.OpenRoot(s.flags.repo)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.RemoveAll(stage); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, root.RemoveAll(stage))
		_ = root.Remove(filepath.Dir(stage)) // unless the tool has its state there
	}()
	if err := root.MkdirAll(stage, 0o700); err != nil {
		return err
	}
	for i, f := range files {
		if err := writeNew(root, filepath.Join(stage, strconv.Itoa(i)), f.Raw); err != nil {
			return err
		}
	}
	for i, f := range files {
		if err := place(root, filepath.Join(stage, strconv.Itoa(i)), filepath.FromSlash(f.Path), f.Raw); err != nil {
			return fmt.Errorf("%w; %d of %d files were written: run the command again", err, i, len(files))
		}
	}
	return nil
}

// place gives a file that is written its name in the tree.
func place(root *os.Root, staged, path string, raw []byte) error {
	if err := root.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	err := root.Link(staged, path)
	if err != nil && !errors.Is(err, fs.ErrExist) { // not every file system has links
		err = writeNew(root, path, raw)
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already", path)
	}
	return err
}

// writeNew writes a file that is not there, whole or not at all.
func writeNew(root *os.Root, path string, raw []byte) error {
	f, err := root.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, root.Remove(path))
	}
	return nil
}
