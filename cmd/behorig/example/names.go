package example

import (
	"math/rand/v2"
	"strings"
)

var firstNames = strings.Fields(`Alva Anton Arvid Asta Axel Birgit Bo Britta Cajsa Dag Disa Ebbe Edit Einar Ellen Elsa Emil Erik Esbjörn Eva Filip Folke
	Frej Göran Greta Gull Göta Hanna Hedda Henning Hjalmar Håkan Ida Ingrid Ivar Jonatan Josef Jöran Kaj Karin Klara Knut Kåre Lage Lars Lilly Linnéa
	Lovisa Majken Malte Märta Måns Nils Nora Olof Osvald Östen Petra Pål Ragna Rolf Rune Saga Signe Siv Sonja Stig Svea Sölve Tage Tekla Tora Ture Ulla
	Valter Vera Viggo Yngve Åke Åsa Ärla Örjan Amina Bahar Dawit Elif Farid Hodan Imran Jamal Layla Mehmet Nadia Omar Rania Samir Selam Yusuf Zahra`)

var surnameHeads = strings.Fields(`Ahl Alm Berg Björk Blom Dahl Ek Falk Fors Gran Grön Hag Hall Hed Holm Hult Hägg Hög Lind Lund Löv Mal Norr Ny Ros Rönn Sand Sjö
	Sköld Sten Strand Ström Sund Sved Söder Tall Thorn Vall Vest Vik Åker Ång Älv Öst`)

var surnameTails = strings.Fields("berg blad blom borg bäck dal fors gren gård holm lid lund mark näs qvist skog sten ström vall vik")

var reasons = []string{
	"Sommarbemanning på grannenheten", "Nattpass under rekryteringen", "Täcker upp vid utbildning", "Hjälper till vid flytt av verksamhet",
	"Introduktion av ny kollega",
}

func pick(dice *rand.Rand, from []string) string { return from[dice.IntN(len(from))] }

// sealed stands for a sealed personnummer. It is a real age file, but what was sealed is no number, and the private half of its key was thrown
// away: nobody can open it. One block for all, because sealing anew would give other bytes each time.
const sealed = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBZQmlyWXZRWUNZVGMrVFdq
L3Fkb3VrZmdpNzJmWFRrNzNSamhHS0Q1UFNvClZ6c1AzZDJGaTFielpwMXNmSjJh
NDBKODdQQkZ6a205MWZTV2Q2dnE4VkEKLS0tIFhNUzNOZUNrVVZsR2VXZ0RUWWhG
S3Q0cTYrVjY3R2FyRTQyNkNFbVZJckEKysNhuAM6YSXeS7t/OWCJDAlfxrCgJIIh
LTN/xsBSrcG3BI9BBIg3IU3odBTJby4E+wqjelJmWz0=
-----END AGE ENCRYPTED FILE-----
`
