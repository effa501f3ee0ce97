import { join } from 'node:path'
import { loadReports } from '../report/load-reports.ts'
import { renderReference } from './reference.ts'

// Rewrites docs/cli.md: `bun src/cli/generate-reference.ts`.
const page = renderReference(await loadReports())
await Bun.write(join(import.meta.dir, '..', '..', 'docs', 'cli.md'), page)
