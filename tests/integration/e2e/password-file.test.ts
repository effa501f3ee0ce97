import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync } from 'node:fs'
import { type RawServer, startRawServer } from '../../support/raw-server.ts'
import { crypto, makeProject, type Project } from './crypto.ts'

setDefaultTimeout(60_000)

const FILED = 'canary-of-the-file-4Rk8'
const HIDDEN = "PostgreSQL at 127.0.0.1:PORT/crypto refused user 'me': '***' is wrong."

let server: RawServer
/** Passwords that arrived, the newest last. */
const sent: string[] = []
let project: Project

beforeAll(async () => {
  server = await startRawServer((socket, _, message) => {
    if (!message.startsWith('p')) return void socket.write(CLEARTEXT_PLEASE)
    // A byte of kind, four of length, the text, a zero.
    const password = message.slice(5, -1)
    sent.push(password)
    socket.end(refusal(`'${password}' is wrong`))
  })
  const [host, port] = server.host.split(':')
  project = makeProject({
    'config/settings.yaml': `database: { host: ${host}, port: ${port}, name: crypto, user: me, tls: off }\n`,
  })
})
afterAll(() => {
  server.close()
  project.remove()
})

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: AuthenticationCleartextPassword */
const CLEARTEXT_PLEASE = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])

/** Returns an ErrorResponse. */
function refusal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C28P01\0M${message}\0\0`)
  const head = Buffer.from([0x45, 0, 0, 0, 0])
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

/** Asks a server that quotes the password, as a user with this home folder. */
async function status(home: string, env: Readonly<Record<string, string>> = {}) {
  const { code, out, err } = await crypto(['--json', '--verbose', 'db', 'status'], {
    cwd: project.dir,
    env: { HOME: project.path(home), ...env },
  })
  expect(code).toBe(5)
  return { err, message: messageOf(out), said: out + err, password: sent.at(-1) }
}

function messageOf(out: string): string {
  return JSON.parse(out).error.message.replace(server.host, '127.0.0.1:PORT')
}

function passwordFile(path: string, password: string, mode = 0o600): void {
  chmodSync(project.write(path, `# mine\nother:*:*:*:x\n*:*:crypto:me:${password}\n`), mode)
}

describe("a password of libpq's password file", () => {
  test('is sent, and masked in what the server says of it', async () => {
    passwordFile('home/.pgpass', FILED)
    const { message, said, password } = await status('home')
    expect(password).toBe(FILED)
    expect(message).toContain(HIDDEN)
    expect(said).not.toContain(FILED)
    expect(said).not.toContain('Deprecat')
  })

  test('is taken from the file that PGPASSFILE names', async () => {
    passwordFile('named', 'canary-of-the-named-6Tz1')
    for (const PGPASSFILE of [project.path('named'), 'named']) {
      const { message, password } = await status('home', { PGPASSFILE })
      expect(password).toBe('canary-of-the-named-6Tz1')
      expect(message).toContain(HIDDEN)
    }
  })

  test('yields to PGPASSWORD', async () => {
    const { message, password } = await status('home', { PGPASSWORD: 'canary-of-the-shell-2Vd7' })
    expect(password).toBe('canary-of-the-shell-2Vd7')
    expect(message).toContain(HIDDEN)
  })

  test('is not used where others may read it, with a note', async () => {
    passwordFile('open-home/.pgpass', FILED, 0o644)
    const { err, password } = await status('open-home')
    expect(password).toBe('')
    expect(err.replace(/\s+/g, ' ')).toContain('.pgpass is ignored: others have access to it')
  })
})
