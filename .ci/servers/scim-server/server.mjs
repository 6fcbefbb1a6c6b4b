// A SCIM 2.0 service (RFC 7643, RFC 7644) in memory, for tests: scimmy does the protocol; here are the store, what a client may ask for, and the
// two ways to sign in. Its settings are environment variables, all set by the script scim; it prints "port N" when it answers.
import {randomBytes, randomUUID} from "node:crypto";
import {readFileSync} from "node:fs";
import {createServer} from "node:https";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const {SCIM_TLS, SCIM_TOKEN, SCIM_CLIENT_ID, SCIM_CLIENT_SECRET} = process.env;
const etags = process.env.SCIM_ETAG === "1";
const page = Number(process.env.SCIM_PAGE);
const rate = Number(process.env.SCIM_RATE);
const lifetime = Number(process.env.SCIM_EXPIRES);

let versions = 0;
const gone = (kind, id) => new SCIMMY.Types.Error(404, null, `${kind} ${id} not found`);

// A store is the resources of a kind by id, and the ids by the attribute that people look for, in lower case.
class Store {
    constructor(kind, name, unique) {
        Object.assign(this, {kind, name, unique, all: new Map(), ids: new Map()});
    }

    key = (resource) => resource[this.name]?.toLowerCase();

    write(id, instance) {
        const old = this.all.get(id);
        if (id && !old) throw gone(this.kind, id);
        const key = this.key(instance);
        if (this.unique && this.ids.has(key) && this.ids.get(key) !== id)
            throw new SCIMMY.Types.Error(409, "uniqueness", `${this.name} ${instance[this.name]} is taken`);
        const resource = {...JSON.parse(JSON.stringify(instance)), id: id ?? randomUUID()};
        // What is a member already is not made one again (RFC 7644 section 3.5.2.1), and what changes nothing is no new version.
        resource.members &&= resource.members.filter((m, i, all) => all.findIndex((o) => o.value === m.value) === i);
        delete resource.meta;
        if (old && JSON.stringify({...resource, meta: old.meta}) === JSON.stringify(old)) return old;
        const now = new Date();
        resource.meta = {created: old?.meta.created ?? now, lastModified: now, ...(etags ? {version: `W/"${++versions}"`} : {})};
        if (old) this.ids.delete(this.key(old));
        this.ids.set(key, resource.id);
        this.all.set(resource.id, resource);
        return resource;
    }

    // A list is scimmy's to cut into pages. So that it need not look at all for each page, those on other pages are left out where it allows that.
    list({filter, constraints = {}}) {
        const sought = /^(\w+) eq "([^"\\]*)"$/i.exec(filter?.expression ?? "");
        if (sought && this.unique && sought[1].toLowerCase() === this.name.toLowerCase()) {
            const id = this.ids.get(sought[2].toLowerCase());
            return id ? [this.all.get(id)] : [];
        }
        const all = [...this.all.values()];
        if (filter) return filter.match(all);
        const {startIndex = 1, count = page, sortBy} = constraints;
        if (sortBy || (startIndex > 1 && startIndex <= count)) return all;
        const part = new Array(all.length);
        for (let i = startIndex - 1; i < Math.min(all.length, startIndex - 1 + count); i++) part[i] = all[i];
        return part;
    }

    read(resource) {
        if (!resource.id) return this.list(resource);
        if (!this.all.has(resource.id)) throw gone(this.kind, resource.id);
        return this.all.get(resource.id);
    }

    remove({id}) {
        if (!this.all.has(id)) throw gone(this.kind, id);
        this.ids.delete(this.key(this.all.get(id)));
        this.all.delete(id);
    }
}

const stores = {Users: new Store("User", "userName", true), Groups: new Store("Group", "displayName", false)};
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
for (const [Resource, store] of [[SCIMMY.Resources.User, stores.Users], [SCIMMY.Resources.Group, stores.Groups]])
    SCIMMY.Resources.declare(Resource
        .ingress(({id}, instance) => store.write(id, instance))
        .egress((resource) => store.read(resource))
        .degress((resource) => store.remove(resource)));
SCIMMY.Config.set({etag: etags, filter: {supported: true, maxResults: page}});

// tokens given by /oauth/token, and when each ends.
const tokens = new Map();
const signedIn = (req) => {
    const token = req.header("Authorization")?.replace(/^Bearer /i, "");
    if (token === SCIM_TOKEN) return;
    if (!tokens.has(token)) throw new Error("the token is unknown");
    if (tokens.get(token) <= Date.now()) throw new Error("the token has expired");
};

const fail = (res, status, detail) => res.status(status).type("application/scim+json")
    .send(JSON.stringify({schemas: [SCIMMY.Messages.Error.id], status: String(status), detail}));

const app = express();
app.set("etag", false);

// RFC 6749 section 4.4, the secret as HTTP Basic or in the body.
app.post("/oauth/token", express.urlencoded({extended: false}), (req, res) => {
    const [, basic] = /^Basic (.*)$/i.exec(req.header("Authorization") ?? "") ?? [];
    const [id, secret] = basic
        ? Buffer.from(basic, "base64").toString().split(":").map(decodeURIComponent)
        : [req.body.client_id, req.body.client_secret];
    res.set("Cache-Control", "no-store");
    if (id !== SCIM_CLIENT_ID || secret !== SCIM_CLIENT_SECRET)
        return res.status(401).set("WWW-Authenticate", "Basic").json({error: "invalid_client"});
    if (req.body.grant_type !== "client_credentials") return res.status(400).json({error: "unsupported_grant_type"});
    const token = randomBytes(16).toString("hex");
    tokens.set(token, Date.now() + 1000 * lifetime);
    res.json({access_token: token, token_type: "Bearer", expires_in: lifetime});
});

const scim = express.Router();
app.use("/scim/v2", scim);

// No more than so many requests in any second.
const seen = [];
scim.use((req, res, next) => {
    const now = Date.now();
    while (seen.length && seen[0] <= now - 1000) seen.shift();
    if (rate && seen.length >= rate) return fail(res.set("Retry-After", "1"), 429, `more than ${rate} requests in a second`);
    seen.push(now);
    next();
});

scim.use(express.json({type: ["application/scim+json", "application/json"], limit: SCIMMY.Config.get().bulk.maxPayloadSize}));

// No page is larger than the largest, whatever is asked for.
scim.use((req, res, next) => {
    const asked = req.path.endsWith("/.search") ? req.body : /^\/(Users|Groups)\/?$/.test(req.path) ? req.query : {};
    const count = Number(asked.count ?? page);
    asked.count = Number.isNaN(count) ? page : Math.min(count, page);
    next();
});

// Writes are made one after the other, since a patch reads before it writes. Each is done when its answer is given to the connection, even to one
// that is gone.
let last = Promise.resolve();
scim.use(async (req, res, next) => {
    if (req.method === "GET") return next();
    const before = last;
    last = new Promise((done) => {
        const end = res.end;
        res.end = (...rest) => {
            done();
            return end.apply(res, rest);
        };
    });
    await before;
    next();
});

// The headers of an answer that is a resource, and of one that refuses the token.
scim.use((req, res, next) => {
    const send = res.send;
    res.send = (body) => {
        if (body?.meta?.version) res.set("ETag", body.meta.version);
        if (res.statusCode === 201 && body?.meta) res.set("Location", body.meta.location);
        if (res.statusCode === 401) res.set("WWW-Authenticate", "Bearer");
        return send.call(res, body);
    };
    next();
});

// Versions (RFC 7644 section 3.14): a write whose If-Match names others than the resource's is refused.
if (etags) scim.use((req, res, next) => {
    const [, kind, id] = /^\/(Users|Groups)\/([^/]+)$/.exec(req.path) ?? [];
    const version = stores[kind]?.all.get(id)?.meta.version;
    const wanted = req.header("If-Match")?.split(/\s*,\s*/);
    if (req.method !== "GET" && wanted && version && !wanted.includes("*") && !wanted.includes(version))
        return fail(res, 412, `the version is ${version}`);
    next();
});

scim.use(new SCIMMYRouters({type: "bearer", handler: signedIn, baseUri: (req) => `https://${req.header("Host")}`}));
scim.use((ex, req, res, next) => res.headersSent ? next(ex) : fail(res, ex.status ?? 500, ex.message));

createServer({key: readFileSync(`${SCIM_TLS}/key.pem`), cert: readFileSync(`${SCIM_TLS}/cert.pem`)}, app)
    .listen(0, "127.0.0.1", function () { console.log(`port ${this.address().port}`); });
