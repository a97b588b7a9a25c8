import { join } from 'node:path'
import { toJsonSchema } from '@valibot/to-json-schema'
import { configSchema } from '../src/cli/config/schema.ts'
import { projectFileSchema } from '../src/cli/project-file/schema.ts'
import { registryFileSchema } from '../src/cli/registry-file/schema.ts'
import { lockSchema } from '../src/lock/index.ts'
import { keepGenerated } from './keep-generated.ts'
import { projectRoot } from './project-root.ts'

/** Writes schema/ from the schemas that Lading checks its files with: for editors, and for those who write such files. */
async function generateSchemas(): Promise<void> {
  const schemas = new Map([
    ['config.schema.json', { title: 'Lading: ~/.config/lading/config.yaml', ...toJsonSchema(configSchema) }],
    ['lock.schema.json', { title: 'Lading: lading.lock', ...toJsonSchema(lockSchema) }],
    [
      'project.schema.json',
      // Checks are functions, which a JSON Schema has no words for.
      {
        title: 'Lading: lading.yaml',
        ...toJsonSchema(projectFileSchema, { ignoreActions: ['check', 'raw_check'] }),
      },
    ],
    ['registry.schema.json', { title: 'Lading: registry.yaml', ...toJsonSchema(registryFileSchema) }],
  ])
  const files = new Map(
    [...schemas].map(([name, schema]) => [name, `${JSON.stringify(schema, undefined, 2)}\n`]),
  )
  await keepGenerated(join(projectRoot, 'schema'), files, 'npm run schemas')
}

await generateSchemas()
