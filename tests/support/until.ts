/** Waits until a condition holds, and fails when that takes too long. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const late = Date.now() + 20_000
  while (!(await condition())) {
    if (Date.now() > late) throw new Error('the condition never came true')
    await Bun.sleep(20)
  }
}
