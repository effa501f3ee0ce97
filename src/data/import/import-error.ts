import { DataError } from '../../core/errors.ts'

/** Returns the error of a file whose content cannot be read as a whole. */
export function unreadable(
  file: string,
  reason: string,
  remedy = 'Nothing was imported. Fetch or export the file again.',
  cause?: unknown,
): DataError {
  return new DataError('IMPORT_UNREADABLE', `${file}: cannot be read: ${reason}. ${remedy}`, {
    context: { file },
    cause,
  })
}

export function emptyFile(file: string): DataError {
  return new DataError('IMPORT_EMPTY', `${file}: it holds no candle. Nothing was imported.`, {
    context: { file },
  })
}

/** Returns the error of a file that is not there, or is no file. */
export function unopenable(file: string, reason: string, cause?: unknown): DataError {
  const message = `${file}: cannot be opened: ${reason}. Give the path of a CSV, JSON, Parquet or Arrow file.`
  return new DataError('IMPORT_FILE', message, { context: { file }, cause })
}
