import { serviceNames } from '../../../contracts/services.ts'

const productPlaces = [
  'kit',
  'contracts',
  ...serviceNames,
  'apisix/gateway',
  'embedded',
  'cluster/postgres',
  'cluster/elasticsearch',
  'cluster/kibana',
  'scripts',
]

const testNames = /\.(test|slow-test|engine-test|contract)\.ts$/
const testFolders = /(^|\/)(test|testing)\//
const testPlaces = /^(tests|bench|scripts\/check|cluster\/(local|engines))\//

/** Tests and checks, what only they use, and the rigs that drive the whole platform. */
export function isTestSide(path: string): boolean {
  return testNames.test(path) || testFolders.test(path) || testPlaces.test(path)
}

export function isProduct(path: string): boolean {
  const isInside = productPlaces.some((place) => path.startsWith(`${place}/`))
  return isInside && path.endsWith('.ts') && !isTestSide(path)
}
