// An OpenID provider over TLS, in memory: oidc-provider with its own pages to sign in on, where any name is somebody and any password will do.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { Provider, interactionPolicy } from 'oidc-provider';

// What Node.js 18, as Debian 12 has it, lacks.
URL.parse ??= (url, base) => {
  try {
    return new URL(url, base);
  } catch {
    return null;
  }
};

const env = process.env;
const tls = { key: readFileSync(`${env.OIDC_TLS}/key.pem`), cert: readFileSync(`${env.OIDC_TLS}/cert.pem`) };
// A native client's redirect may be at any port of this machine (RFC 8252 § 7.3).
const client = (id, secret) => ({
  client_id: id, client_secret: secret, application_type: 'native', grant_types: ['authorization_code'], response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/sign-in/callback'], post_logout_redirect_uris: ['http://127.0.0.1/signed-out'],
});

const policy = interactionPolicy.base();
policy.get('consent').checks.remove('native_client_prompt');

let answer = () => {};
const server = https.createServer(tls, (req, res) => answer(req, res));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`https://127.0.0.1:${port}`, {
    clients: [client('behorig', env.OIDC_SECRET), client('other', env.OIDC_SECRET)],
    cookies: { keys: [env.OIDC_SECRET] },
    claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email', 'email_verified'], staff: ['employee'] },
    scopes: ['openid', 'profile', 'email', 'staff'],
    acrValues: ['urn:example:two-factors'],
    ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 600, Session: 3600, Grant: 3600 },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    pkce: { required: () => true },
    // Somebody who is called unverified… has an address that nobody has verified.
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, preferred_username: sub, email: `${sub}@example.test`, email_verified: !sub.startsWith('unverified'), employee: `nr-${sub}` }),
    }),
    interactions: { policy },
    // Nobody is asked whether the client may know who they are.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid profile email staff');
      await grant.save();
      return grant;
    },
  });
  provider.on('server_error', (_ctx, err) => console.error(err));
  answer = provider.callback();
  console.log(`port ${port}`);
});
process.on('SIGTERM', () => process.exit(0));
