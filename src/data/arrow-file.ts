import { closeSync, openSync, writeSync } from 'node:fs'
import {
  AsyncByteQueue,
  type Data,
  type DataType,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Timestamp,
  TimeUnit,
  Utf8,
} from 'apache-arrow'
import { writeAtomically } from './files.ts'
import {
  type Cells,
  type ColumnType,
  PART_CELLS,
  part,
  type ResultColumn,
  type ResultTable,
} from './result-table.ts'

/**
 * Writes a table as an Arrow IPC file, uncompressed so that readers can map it into memory. One record batch of about
 * 500,000 values is in memory at a time. Times are timestamp[ms, UTC]; what is not finite is null. Returns the number of rows.
 * Importing this module loads apache-arrow.
 */
export async function writeArrowFile({ path, columns, chunks }: ResultTable): Promise<number> {
  let rows = 0
  await writeAtomically(path, async (temporary) => {
    const file = openSync(temporary, 'w')
    try {
      const batches = new BatchWriter(new FileSink(file), columns)
      for await (const chunk of chunks) batches.append(chunk)
      rows = batches.finish()
    } finally {
      closeSync(file)
    }
  })
  return rows
}

/** Puts what the Arrow writer gives out into the file at once, where its own queue would keep all of it in memory. */
class FileSink extends AsyncByteQueue<Uint8Array> {
  readonly #file: number

  constructor(file: number) {
    super()
    this.#file = file
  }

  override write(value: Uint8Array): void {
    for (let start = 0; start < value.byteLength; ) {
      start += writeSync(this.#file, value, start)
    }
  }
}

/** Gathers chunks of any size into record batches. */
class BatchWriter {
  readonly #schema: Schema
  readonly #writer = new RecordBatchFileWriter()
  readonly #buffers: readonly ColumnBuffer[]
  readonly #rowsMax: number
  #pending = 0
  #rows = 0

  constructor(sink: FileSink, columns: ResultTable['columns']) {
    this.#rowsMax = Math.max(1, Math.floor(PART_CELLS / columns.length))
    this.#buffers = columns.map((column) => new ColumnBuffer(column, this.#rowsMax))
    this.#schema = new Schema(columns.map(({ name, type }) => new Field(name, TYPES[type], true)))
    this.#writer.reset(sink, this.#schema)
  }

  append(chunk: readonly Cells[]): void {
    const rows = chunk[0]?.length ?? 0
    for (let start = 0; start < rows; ) {
      const end = Math.min(rows, start + this.#rowsMax - this.#pending)
      this.#buffers.forEach((buffer, i) => {
        buffer.put(this.#pending, part(chunk[i] as Cells, start, end))
      })
      this.#pending += end - start
      start = end
      if (this.#pending === this.#rowsMax) this.#flush()
    }
  }

  /** Writes what is pending and the end of the file. Returns the number of rows. */
  finish(): number {
    if (this.#pending > 0) this.#flush()
    this.#writer.finish()
    return this.#rows
  }

  #flush(): void {
    const length = this.#pending
    const children = this.#buffers.map((buffer) => buffer.data(length))
    const data = makeData({ type: new Struct(this.#schema.fields), length, nullCount: 0, children })
    this.#writer.write(new RecordBatch(this.#schema, data))
    this.#rows += length
    this.#pending = 0
  }
}

const TYPES = {
  DOUBLE: new Float64(),
  INTEGER: new Int32(),
  VARCHAR: new Utf8(),
  TIMESTAMP: new Timestamp(TimeUnit.MILLISECOND, 'UTC'),
  LABEL: new Utf8(),
} as const satisfies Record<ColumnType, DataType>

/** The values of one column that go into the next record batch. */
class ColumnBuffer {
  readonly #type: ColumnType
  readonly #labels: readonly string[]
  readonly #numbers: Float64Array | Int32Array
  readonly #texts: string[] = []

  constructor({ type, labels = [] }: ResultColumn, rowsMax: number) {
    this.#type = type
    this.#labels = labels
    const size = type === 'VARCHAR' ? 0 : rowsMax
    const isWhole = type === 'INTEGER' || type === 'LABEL'
    this.#numbers = isWhole ? new Int32Array(size) : new Float64Array(size)
  }

  put(start: number, cells: Cells): void {
    if (ArrayBuffer.isView(cells)) {
      this.#numbers.set(cells, start)
      return
    }
    for (let row = 0; row < cells.length; row++) this.#texts[start + row] = cells[row] as string
  }

  data(length: number): Data {
    const numbers = this.#numbers.subarray(0, length)
    if (this.#type === 'VARCHAR') return textData(this.#texts.slice(0, length))
    if (this.#type === 'LABEL') {
      return textData(Array.from(numbers, (label) => this.#labels[label] ?? null))
    }
    if (numbers instanceof Int32Array) return makeData({ type: TYPES.INTEGER, data: numbers })
    const nulls = nullsOf(length, (row) => Number.isFinite(numbers[row]))
    if (this.#type === 'DOUBLE') return makeData({ type: TYPES.DOUBLE, data: numbers, ...nulls })
    return timeData(numbers, nulls)
  }
}

function textData(texts: readonly (string | null)[]): Data {
  // A UTF-16 unit takes at most three bytes of UTF-8.
  const bytes = Buffer.allocUnsafe(3 * texts.reduce((sum, text) => sum + (text?.length ?? 0), 0))
  const valueOffsets = new Int32Array(texts.length + 1)
  let end = 0
  for (let row = 0; row < texts.length; row++) {
    end += bytes.write(texts[row] ?? '', end)
    valueOffsets[row + 1] = end
  }
  const data = bytes.subarray(0, end)
  const nulls = nullsOf(texts.length, (row) => texts[row] !== null)
  return makeData({ type: TYPES.VARCHAR, valueOffsets, data, ...nulls })
}

/** Whole milliseconds as 64-bit integers, written as two halves: a BigInt per row would be garbage. */
function timeData(times: Float64Array, nulls: Nulls): Data {
  const data = new BigInt64Array(times.length)
  const halves = new Int32Array(data.buffer)
  for (let row = 0; row < times.length; row++) {
    const ms = Math.round(times[row] as number)
    if (!Number.isFinite(ms)) continue
    halves[2 * row] = ms
    halves[2 * row + 1] = Math.floor(ms / 0x1_0000_0000)
  }
  return makeData({ type: TYPES.TIMESTAMP, data, ...nulls })
}

interface Nulls {
  readonly nullCount: number
  readonly nullBitmap?: Uint8Array
}

/** Marks what is null: one bit per row, the lowest first, set where there is a value. */
function nullsOf(rows: number, hasValue: (row: number) => boolean): Nulls {
  const nullBitmap = new Uint8Array(Math.ceil(rows / 8))
  let nullCount = 0
  for (let row = 0; row < rows; row++) {
    if (!hasValue(row)) nullCount++
    else nullBitmap[row >> 3] = (nullBitmap[row >> 3] as number) | (1 << (row & 7))
  }
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap }
}
