import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const ROOT = join(import.meta.dir, '../..')
const read = (path: string) => parse(readFileSync(join(ROOT, path), 'utf8'))
const { database } = read('docker-compose.yml').services
const settings = read('config/settings.yaml').database

/** `${NAME:-value}` of compose says what `${NAME:value}` of our files says. */
const asOurs = (text: string) => text.replaceAll(':-', ':')

test('docker-compose.yml and settings.yaml name the same database', () => {
  const { POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD } = database.environment
  expect(asOurs(POSTGRES_DB)).toBe(settings.name)
  expect(asOurs(POSTGRES_USER)).toBe(settings.user)
  expect(asOurs(POSTGRES_PASSWORD)).toBe(settings.password)
})

test('the database of docker-compose.yml is reachable from this machine only', () => {
  expect(database.ports.map(asOurs)).toEqual([`127.0.0.1:${settings.port}:5432`])
})
