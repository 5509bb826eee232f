// The API, for what a check needs before it begins and for what must be true after it.

import { randomUUID } from 'node:crypto';
import { PASSWORD, PEOPLE } from './pages.mjs';

export function api(base) {
  const tokens = new Map();
  const request = async (method, path, { token, body, headers = {} }) => {
    const answer = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        'X-Requested-With': 'liandong',
        'Idempotency-Key': randomUUID(),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const token = async (person) => {
    if (!tokens.has(person)) {
      const signedIn = await request('POST', '/auth/login', { body: { username: PEOPLE[person] ?? person, password: PASSWORD } });
      tokens.set(person, signedIn.access_token);
    }
    return tokens.get(person);
  };
  const send = async (person, method, path, body, headers) => request(method, path, { token: await token(person), body, headers });
  const get = (person, path) => send(person, 'GET', path);
  const matter = (person, id) => get(person, `/matters/${id}`);
  return {
    send,
    get,
    matter,
    /// All sign in anew: the clock was moved, or their sessions were ended.
    forget: () => tokens.clear(),
    /// A day so many days from the server's today.
    async day(person, days) {
      const { today } = await get(person, '/me');
      return new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10);
    },
    create: (person, kind, body, submit) => send(person, 'POST', '/matters', { kind, body, domains: ['other'], not_secret: true, submit }),
    async edit(person, id, change) {
      const { version } = await matter(person, id);
      return send(person, 'PATCH', `/matters/${id}`, change, { 'If-Match': `"${version}"` });
    },
    async act(person, id, action, input = {}) {
      const { version } = await matter(person, id);
      return send(person, 'POST', `/matters/${id}/actions/${action}`, { input }, { 'If-Match': `"${version}"` });
    },
    /// Ends all sessions of a person, as the security administrator does.
    async endSessions(person) {
      const { id } = await get(person, '/me');
      tokens.delete(person);
      return send('security', 'POST', `/users/${id}/sessions/revoke`, {});
    },
  };
}
