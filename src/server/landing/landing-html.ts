import { type RegistryAddress, firstPush } from './first-push.ts'

const style = [
  ':root{color-scheme:light dark;--line:light-dark(#d8dee4,#30363d);--soft:light-dark(#f6f8fa,#161b22);--quiet:light-dark(#57606a,#8b949e)}',
  'body{margin:0 auto;max-width:46rem;padding:3rem 1.25rem;font:16px/1.55 system-ui,sans-serif;background:light-dark(#fff,#0d1117);color:light-dark(#1f2328,#e6edf3)}',
  'h1{font-size:1.5rem;margin:0}h2{font-size:1rem;margin:2rem 0 .4rem}',
  'p{margin:.4rem 0;color:var(--quiet)}',
  'pre{margin:0;padding:.8rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);border-radius:6px;background:var(--soft);font:14px/1.6 ui-monospace,monospace;-webkit-user-select:all;user-select:all}',
  'code{font-family:ui-monospace,monospace}',
].join('')

/** What a browser shows at `/`: no script, nothing fetched from anywhere. */
export function landingHtml(address: RegistryAddress): string {
  const host = escaped(address.host)
  const pushes = firstPush(address).map(
    ({ tool, commands, note }) =>
      `<h2>${escaped(tool)}</h2>${note === undefined ? '' : `<p>${escaped(note)}</p>`}<pre>${escaped(commands.join('\n'))}</pre>`,
  )
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${host}: registry</title><style>${style}</style></head><body>`,
    `<h1>${host}</h1><p>A registry of container images, served by Lading. Bring an image in:</p>`,
    ...pushes,
    `<h2>What is there</h2><pre>lading tags ${host}/alpine</pre>`,
    '<p>Repositories as JSON: <a href="/v2/_catalog"><code>/v2/_catalog</code></a></p>',
    '</body></html>\n',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
