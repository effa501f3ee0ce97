import { join } from 'node:path'
import type { AnyReport } from './report.ts'

const COMMANDS = join(import.meta.dir, 'commands')

/** Returns the reports of all commands, for what describes them. A command that runs loads its own only. */
export async function loadReports(): Promise<readonly AnyReport[]> {
  const files = [...new Bun.Glob('*.ts').scanSync(COMMANDS)].sort()
  const modules: readonly object[] = await Promise.all(
    files.map((file) => import(join(COMMANDS, file))),
  )
  return modules.flatMap((module) => Object.values(module).filter(isReport))
}

function isReport(value: unknown): value is AnyReport {
  return typeof value === 'object' && value !== null && 'id' in value && 'schema' in value
}
