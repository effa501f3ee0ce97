import { join } from 'node:path'
import { renderReference } from './reference.ts'

// Rewrites docs/cli.md: `bun src/cli/generate-reference.ts`.
await Bun.write(join(import.meta.dir, '..', '..', 'docs', 'cli.md'), renderReference())
