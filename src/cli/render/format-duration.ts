/** Seconds for people: `7 s`, `2 m 05 s`, `6 h`, `1 h 03 m`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return twoUnits(whole, 60, 'm', 's')
  return twoUnits(Math.floor(whole / 60), 60, 'h', 'm')
}

function twoUnits(count: number, size: number, large: string, small: string): string {
  const rest = count % size
  return `${Math.floor(count / size)} ${large}${rest === 0 ? '' : ` ${String(rest).padStart(2, '0')} ${small}`}`
}
