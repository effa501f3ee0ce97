import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js'
import type { CandleColumns } from '../../src/core/candles.ts'
import { vectorsOf } from '../../src/data/columns.ts'

/** How a file of an archive is to be made; a sound one when nothing is said. */
export interface ArchiveFileOptions {
  readonly unit?: 'ms' | 'us'
  readonly header?: boolean
  /** Changes the lines, in the order of the file, before they are packed. */
  readonly lines?: (lines: string[]) => readonly string[]
  /** Name of the file in the zip. */
  readonly innerName?: string
  /** Changes the zip after its checksum was taken; `undefined`: there is none. */
  readonly zip?: (bytes: Uint8Array) => Uint8Array
  /** Changes the text of the checksum file; undefined: there is none. */
  readonly checksum?: ((text: string) => string) | undefined
}

const INTERVAL_MS: Readonly<Record<string, number>> = {
  '1m': 60_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
  '1w': 604_800_000,
}

/** A copy of Binance's public archive in a folder. */
export class ArchiveFixture {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(join(folder, 'data/spot/monthly/klines'), { recursive: true })
  }

  pathOf(name: string): string {
    const [symbol = '', interval = '', year, month, day] = name.split('-')
    const kind = day === undefined ? 'monthly' : 'daily'
    const date = [year, month, ...(day === undefined ? [] : [day])].join('-')
    const file = `${symbol}-${interval}-${date}.zip`
    return join(this.folder, 'data/spot', kind, 'klines', symbol, interval, file)
  }

  /** @param name such as `BTCUSDT-1h-2024-01` or `BTCUSDT-1h-2024-01-31` */
  async put(name: string, candles: CandleColumns, options: ArchiveFileOptions = {}): Promise<void> {
    const path = this.pathOf(name)
    mkdirSync(dirname(path), { recursive: true })
    const zip = await packed(name, candles, options)
    const digest = createHash('sha256').update(zip).digest('hex')
    const text = `${digest}  ${name}.zip\n`
    const checksum = 'checksum' in options ? options.checksum?.(text) : text
    writeFileSync(path, options.zip?.(zip) ?? zip)
    if (checksum !== undefined) writeFileSync(`${path}.CHECKSUM`, checksum)
  }

  remove(name: string): void {
    rmSync(this.pathOf(name))
    rmSync(`${this.pathOf(name)}.CHECKSUM`, { force: true })
  }
}

/** A row as Binance writes it: open time … volume, close time, quote volume, trades, taker volumes, ignored. */
export function archiveLines(
  name: string,
  candles: CandleColumns,
  unit: 'ms' | 'us' = 'ms',
): string[] {
  const intervalMs = INTERVAL_MS[name.split('-')[1] ?? ''] as number
  const vectors = vectorsOf(candles)
  return Array.from(candles.openTime, (time, row) => {
    const values = vectors.slice(1).map((vector) => (vector[row] as number).toFixed(8))
    const scale = unit === 'us' ? 1000 : 1
    const close = (time + intervalMs) * scale - 1
    return [time * scale, ...values, close, '1.50000000', 7, '0.5', '0.7', 0].join(',')
  })
}

const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'

async function packed(
  name: string,
  candles: CandleColumns,
  { unit, header = false, lines = (all) => all, innerName }: ArchiveFileOptions,
): Promise<Uint8Array> {
  const rows = lines(archiveLines(name, candles, unit))
  const text = [...(header ? [HEADER] : []), ...rows].map((line) => `${line}\n`).join('')
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false })
  await writer.add(innerName ?? `${name}.csv`, new Uint8ArrayReader(new TextEncoder().encode(text)))
  return await writer.close()
}

/** The archive's files over HTTP, on this machine. */
export function serveArchive(folder: string): {
  readonly url: URL
  readonly requests: string[]
  stop(): void
} {
  const requests: string[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      requests.push(pathname)
      const file = Bun.file(join(folder, decodeURIComponent(pathname)))
      return (await file.exists()) ? new Response(file) : new Response('', { status: 404 })
    },
  })
  return { url: new URL(server.url), requests, stop: () => void server.stop(true) }
}
