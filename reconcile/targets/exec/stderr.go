package exec

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// How much of the standard error is kept: bytes of a line, lines and characters in an error, bytes in the log of one call, and of a log before a new
// one is begun.
const (
	keepLine  = 4 << 10
	keepLines = 50
	keepWords = 600
	keepCall  = 1 << 20
	keepLog   = 4 << 20
)

// speech takes what a program says on its standard error: its beginning goes to a log, its last lines into errors.
type speech struct {
	from  *os.File
	log   *os.File // nil: none
	last  []string // as they were said
	clean func(string) string
	done  chan struct{}
}

// listen reads until the pipe is closed. Each line is cleaned before it is shown or written anywhere.
func (t *Target) listen(from *os.File) *speech {
	s := &speech{from: from, clean: t.clean, done: make(chan struct{})}
	if !t.ReadOnly {
		s.log = t.openLog()
	}
	go func() {
		defer close(s.done)
		lines, written := bufio.NewReaderSize(from, keepLine), 0
		rest := false // of a line that was cut
		for {
			raw, err := lines.ReadSlice('\n')
			if text := string(raw); strings.TrimSpace(text) != "" && !rest {
				if err != nil {
					text = strings.TrimRight(text, "0123456789-+") // half a number would not be known as one
				}
				if s.last = append(s.last, text); len(s.last) > keepLines {
					s.last = s.last[1:]
				}
				if s.log != nil && written < keepCall {
					n, _ := io.WriteString(s.log, s.clean(text)+"\n")
					written += n
				}
			}
			rest = err == bufio.ErrBufferFull
			if err != nil && !rest {
				return
			}
		}
	}()
	return s
}

// openLog opens STATE/TARGET.stderr.log to write at its end, for its owner alone. Without one the program runs all the same.
func (t *Target) openLog() *os.File {
	path := filepath.Join(t.State.Dir, t.Name+".stderr.log")
	if info, err := os.Stat(path); err == nil && info.Size() > keepLog {
		_ = os.Rename(path, path+".1")
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil
	}
	return f
}

// close waits for the rest and gives the last lines as one.
func (s *speech) close() string {
	patience, cancel := context.WithTimeout(context.Background(), mercy)
	defer cancel()
	select {
	case <-s.done:
	case <-patience.Done():
	}
	_ = s.from.Close()
	<-s.done
	if s.log != nil {
		_ = s.log.Close()
	}
	for i, line := range s.last {
		s.last[i] = s.clean(line)
	}
	text := []rune(strings.Join(s.last, " | "))
	if len(text) > keepWords {
		text = append([]rune("… "), text[len(text)-keepWords:]...)
	}
	return string(text)
}
