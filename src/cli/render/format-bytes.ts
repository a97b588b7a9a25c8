const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** A number of bytes for people, in powers of 1,000 as docker writes them: `999 B`, `1.5 KB`, `29.1 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${unit === 0 ? value : trimZeros(value.toFixed(digits))} ${units[unit] ?? ''}`
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
