package files

// Options are what targets.yaml says of a target of this kind.
type Options struct {
	Folder    string `json:"folder,omitempty" is:"line" sv:"Mappen på den här datorn som filerna växlas i" en:"The folder of this machine that the files are exchanged in"`
	FolderEnv string `json:"folderEnv,omitempty" is:"env" sv:"Miljövariabel med mappens namn" en:"Environment variable with the folder's name"`
	SFTP      *SFTP  `json:"sftp,omitempty" sv:"SFTP-servern som filerna växlas på, i stället för folder" en:"The SFTP server that the files are exchanged on, in folder's stead"`
	Timeout   string `json:"timeout,omitempty" is:"duration" sv:"Hur länge servern får dröja med ett svar (30s)" en:"How long the server may take to answer (30s)"`
	Identity  bool   `json:"identity,omitempty" sv:"true: personnummer får stå i filerna, där en kolumn har {identity}" en:"true: personnummer may stand in the files, where a column has {identity}"`
}

// SFTP is a server and how we prove who we are, and it who it is.
type SFTP struct {
	Host          string `json:"host,omitempty" is:"line" sv:"Servern" en:"The server"`
	HostEnv       string `json:"hostEnv,omitempty" is:"env" sv:"Miljövariabel med servern" en:"Environment variable with the server"`
	Port          int    `json:"port,omitempty" min:"1" max:"65535" sv:"Port (22)" en:"Port (22)"`
	PortEnv       string `json:"portEnv,omitempty" is:"env" sv:"Miljövariabel med porten" en:"Environment variable with the port"`
	User          string `json:"user,omitempty" is:"account" sv:"Användare" en:"User"`
	UserEnv       string `json:"userEnv,omitempty" is:"env" sv:"Miljövariabel med användaren" en:"Environment variable with the user"`
	KeyFile       string `json:"keyFile,omitempty" is:"line" sv:"Fil med den privata nyckeln (OpenSSH eller PEM), oläslig för andra" en:"File of the private key (OpenSSH or PEM), which others may not read"`
	KeyFileEnv    string `json:"keyFileEnv,omitempty" is:"env" sv:"Miljövariabel med namnet på den filen" en:"Environment variable with that file's name"`
	PassphraseEnv string `json:"passphraseEnv,omitempty" is:"env" sv:"Miljövariabel med den privata nyckelns lösenfras" en:"Environment variable with the private key's passphrase"`
	PasswordEnv   string `json:"passwordEnv,omitempty" is:"env" sv:"Miljövariabel med lösenordet, i stället för en nyckel" en:"Environment variable with the password, in a key's stead"`
	PasswordFile  string `json:"passwordFile,omitempty" is:"line" sv:"Fil med lösenordet" en:"File of the password"`
	KnownHosts    string `json:"knownHosts,omitempty" is:"line" sv:"Fil i OpenSSH:s form med serverns nyckel, som alltid prövas" en:"File in OpenSSH's form with the server's key, which is always verified"`
	KnownHostsEnv string `json:"knownHostsEnv,omitempty" is:"env" sv:"Miljövariabel med namnet på den filen" en:"Environment variable with that file's name"`
	Folder        string `json:"folder,omitempty" is:"line" sv:"Mappen där; utelämnat: den man hamnar i" en:"The folder there; left out: the one that one lands in"`
}

// Binding is what targets.yaml says of one system: what its files are like, and what the vendor answers.
type Binding struct {
	Mode       string            `json:"mode" need:"yes" is:"delta|full" sv:"delta: filen har ändringarna; full: alla som ska ha behörighet" en:"delta: the file has the changes; full: everybody who is to have access"`
	File       string            `json:"file" need:"yes" is:"line" sv:"Filens namn under mappen, av {date}, {number}, {system}" en:"The file's name below the folder, of {date}, {number}, {system}"`
	Digits     int               `json:"digits,omitempty" min:"1" max:"12" sv:"Antal siffror som {number} fylls ut till med nollor" en:"Number of digits that {number} is filled up to with noughts"`
	Temporary  string            `json:"temporary,omitempty" is:"line" sv:"Namnet medan filen skrivs (.{file}.part), av {file}, {stem}, {date}, {number}, {system}; utan snedstreck i filens mapp" en:"The name while the file is written (.{file}.part), of {file}, {stem}, {date}, {number}, {system}; without a slash in the file's folder"`
	Marker     string            `json:"marker,omitempty" is:"line" sv:"Fil som läggs efteråt som tecken på att filen är hel, t.ex. {file}.done" en:"A file that is left afterwards as a sign that the file is whole, as {file}.done"`
	MarkerWith string            `json:"markerWith,omitempty" is:"nothing|sha256" sv:"Vad den filen innehåller (nothing)" en:"What that file holds (nothing)"`
	Receipt    *Receipt          `json:"receipt,omitempty" sv:"Leverantörens kvitto på varje fil" en:"The vendor's receipt for each file"`
	Listing    *Listing          `json:"listing,omitempty" sv:"Leverantörens egen användarlista, som då är det som gäller" en:"The vendor's own user list, which then is the truth"`
	Columns    []Column          `json:"columns" need:"yes" sv:"Kolumner i ordning" en:"Columns, in order"`
	Verbs      map[string]string `json:"verbs,omitempty" keys:"grant|change|revoke" is:"line" sv:"Vad leverantören kallar grant, change och revoke" en:"What the vendor calls grant, change and revoke"`
	Roles      map[string]string `json:"roles,omitempty" keys:"key" is:"line" sv:"Vad leverantören kallar rollerna; utelämnat: som i katalogen" en:"What the vendor calls the roles; left out: as in the catalogue"`
	Units      map[string]string `json:"units,omitempty" keys:"key" is:"line" sv:"Vad leverantören kallar enheterna; den som inte står här heter som sin nyckel" en:"What the vendor calls the units; one that is not here is called by its key"`
	Account    string            `json:"account,omitempty" is:"line" sv:"Vad som står för {role} på raden om själva kontot (inget)" en:"What stands for {role} on the line of the account itself (nothing)"`
	NoEnd      string            `json:"noEnd,omitempty" is:"line" sv:"Vad som står för {until} när det gäller tills vidare (inget)" en:"What stands for {until} when it is until further notice (nothing)"`
	Form
}

// Form is what a file is like, ours or the vendor's.
type Form struct {
	Format     string `json:"format,omitempty" is:"csv|json|xml" sv:"Format (csv)" en:"Format (csv)"`
	Encoding   string `json:"encoding,omitempty" is:"utf-8|utf-8-bom|latin1|windows-1252" sv:"Teckenkodning (utf-8); latin1 är ISO 8859-1" en:"Character encoding (utf-8); latin1 is ISO 8859-1"`
	Separator  string `json:"separator,omitempty" is:"line" sv:"Skiljetecken i CSV: ; , | eller tab (;)" en:"Separator in CSV: ; , | or tab (;)"`
	Quote      string `json:"quote,omitempty" is:"needed|all" sv:"Vilka fält som citeras i CSV (needed)" en:"Which cells are quoted in CSV (needed)"`
	LineEnd    string `json:"lineEnd,omitempty" is:"crlf|lf" sv:"Radslut i CSV (crlf)" en:"Line ending in CSV (crlf)"`
	Header     *bool  `json:"header,omitempty" sv:"false: CSV utan rubrikrad; kolumner som läses heter då 1, 2, 3" en:"false: CSV without a header; columns that are read are then called 1, 2, 3"`
	Trailer    string `json:"trailer,omitempty" is:"line" sv:"Sista raden i CSV, t.ex. SLUT;{count}; i en fil som läses måste antalet stämma" en:"Last line in CSV, as END;{count}; in a file that is read the count must be right"`
	Formulas   string `json:"formulas,omitempty" is:"defuse|keep" sv:"defuse: ett CSV-fält som ett kalkylprogram kunde köra får ' framför sig (defuse)" en:"defuse: a cell of CSV that a spreadsheet could run has ' put before it (defuse)"`
	Root       string `json:"root,omitempty" is:"line" sv:"Yttersta elementet i XML (rows), nyckeln till listan i JSON (ingen)" en:"Outermost element in XML (rows), the list's key in JSON (none)"`
	Row        string `json:"row,omitempty" is:"line" sv:"Elementet för en rad i XML (row)" en:"Element of a line in XML (row)"`
	DateFormat string `json:"dateFormat,omitempty" is:"YYYY-MM-DD|YYYYMMDD|DD.MM.YYYY|DD/MM/YYYY|YYMMDD" sv:"Hur datum skrivs (YYYY-MM-DD)" en:"How dates are written (YYYY-MM-DD)"`
}

// Column is one cell of each line.
type Column struct {
	Name     string `json:"name" need:"yes" is:"line" sv:"Kolumnens namn" en:"The column's name"`
	Value    string `json:"value" need:"yes" is:"line" sv:"Vad som står där: {id}, {verb}, {person}, {name}, {login}, {employeeId}, {hsaId}, {identity}, {role}, {unit}, {unitName}, {until}, {date}, {number}, {system}" en:"What stands there: {id}, {verb}, {person}, {name}, {login}, {employeeId}, {hsaId}, {identity}, {role}, {unit}, {unitName}, {until}, {date}, {number}, {system}"`
	Optional bool   `json:"optional,omitempty" sv:"true: får vara tom för den som saknar uppgiften" en:"true: may be empty for whoever lacks it"`
}

// Receipt is the vendor's answer to one file.
type Receipt struct {
	File    string            `json:"file" need:"yes" is:"line" sv:"Kvittots namn, av {file}, {stem}, {date}, {number}, {system}; * för vad som helst i filnamnet" en:"The receipt's name, of {file}, {stem}, {date}, {number}, {system}; * for anything in the file's name"`
	Done    string            `json:"done,omitempty" is:"line" sv:"Fil som visar att kvittot är färdigt, t.ex. {file}.done; utelämnat: det är färdigt när det finns" en:"File that shows that the receipt is whole, as {file}.done; left out: it is when it is there"`
	Columns map[string]string `json:"columns" need:"yes" keys:"line|status|reason" is:"line" sv:"Vad kolumnerna line, status och reason heter" en:"What the columns line, status and reason are called"`
	By      string            `json:"by,omitempty" is:"id|row" sv:"Vad line är: radens {id} eller vilken rad i ordningen, från 1 (id)" en:"What line is: the line's {id}, or which in order, from 1 (id)"`
	OK      []string          `json:"ok" need:"yes" is:"line" sv:"Status som betyder utfört" en:"Statuses that mean done"`
	Refused []string          `json:"refused,omitempty" is:"line" sv:"Status som betyder avvisat; utelämnat: alla andra" en:"Statuses that mean refused; left out: all others"`
	Unnamed string            `json:"unnamed,omitempty" is:"open|ok" sv:"Vad som gäller rader som kvittot inte nämner: obesvarade eller utförda (open)" en:"What holds for lines that the receipt does not name: unanswered or done (open)"`
	Form
}

// Listing is the vendor's list of its users.
type Listing struct {
	File     string            `json:"file" need:"yes" is:"line" sv:"Listans namn; * för vad som helst i filnamnet, och då läses den nyaste" en:"The list's name; * for anything in the file's name, and then the newest is read"`
	Done     string            `json:"done,omitempty" is:"line" sv:"Fil som visar att listan är färdig, t.ex. {file}.done; utelämnat: den är färdig när den finns" en:"File that shows that the list is whole, as {file}.done; left out: it is when it is there"`
	MaxAge   string            `json:"maxAge,omitempty" is:"duration" sv:"Äldre lista än så är ett fel (48h)" en:"A list older than this is an error (48h)"`
	Columns  map[string]string `json:"columns" need:"yes" keys:"person|login|employeeId|hsaId|name|role|unit|until|status" is:"line" sv:"Vad kolumnerna person, login, employeeId, hsaId, name, role, unit, until och status heter; minst en av de fyra första" en:"What the columns person, login, employeeId, hsaId, name, role, unit, until and status are called; at least one of the first four"`
	Active   []string          `json:"active,omitempty" is:"line" sv:"Status som betyder att raden gäller; utelämnat: alla" en:"Statuses that mean that the line counts; left out: all"`
	Accounts string            `json:"accounts,omitempty" is:"implied|own" sv:"implied: den som har en rad har ett konto; own: kontot har en egen rad (implied)" en:"implied: whoever has a line has an account; own: the account has a line of its own (implied)"`
	Ignore   []string          `json:"ignore,omitempty" is:"line" sv:"Leverantörens roller och enheter som inte är våra; andra okända är ett fel" en:"The vendor's roles and units that are not ours; others unknown are an error"`
	Form
}

// Shape is what targets.yaml may say of a target and of a system on it.
func Shape() (target, system any) { return Options{}, Binding{} }
