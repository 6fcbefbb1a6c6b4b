package schema

import "io/fs"

// Repositories is the file of a reconciler that keeps the systems of many organisations: where each access repository is fetched from. No secret is in it.
type Repositories struct {
	Repositories map[string]*Repository `json:"repositories" need:"yes" keys:"key" sv:"Förråden, vart och ett med ett namn" en:"The repositories, each by a name"`
}

// Repository is where one access repository is fetched from.
type Repository struct {
	URL            string `json:"url" need:"yes" is:"line" sv:"Adress: https://…, ssh://användare@värd/sökväg eller en mapp" en:"Address: https://…, ssh://user@host/path or a folder"`
	Branch         string `json:"branch,omitempty" is:"line" sv:"Gren (main)" en:"Branch (main)"`
	Folder         string `json:"folder,omitempty" is:"line" sv:"Mapp i git-förrådet, om det inte är dess topp" en:"Folder in the git repository, if it is not its top"`
	User           string `json:"user,omitempty" is:"line" sv:"Användare vid inloggning (git)" en:"User to sign in as (git)"`
	TokenEnv       string `json:"tokenEnv,omitempty" is:"env" sv:"Miljövariabel med åtkomsttoken" en:"Environment variable with the access token"`
	TokenFile      string `json:"tokenFile,omitempty" is:"line" sv:"Fil med åtkomsttoken" en:"File with the access token"`
	SSHKeyFile     string `json:"sshKeyFile,omitempty" is:"line" sv:"Fil med privat SSH-nyckel" en:"File with a private SSH key"`
	PassphraseEnv  string `json:"passphraseEnv,omitempty" is:"env" sv:"Miljövariabel med nyckelns lösenfras" en:"Environment variable with the key's passphrase"`
	PassphraseFile string `json:"passphraseFile,omitempty" is:"line" sv:"Fil med nyckelns lösenfras" en:"File with the key's passphrase"`
	KnownHosts     string `json:"knownHosts,omitempty" is:"line" sv:"Fil med kända värdnycklar; krävs för SSH" en:"File of known host keys; required for SSH"`
	CAFile         string `json:"caFile,omitempty" is:"line" sv:"Fil med rotcertifikat att lita på" en:"File of root certificates to trust"`
	KeyFile        string `json:"keyFile,omitempty" is:"line" sv:"Fil med age-nycklar som öppnar personnummer för mål som kräver dem" en:"File of age keys that open personnummer for targets that need them"`
}

// LoadRepositories reads such a file. The error is of type [Faults].
func LoadRepositories(files fs.FS, path string) (Repositories, error) {
	var r Repositories
	faults := readFixed(files, path, &r)
	return r, faults.err()
}
