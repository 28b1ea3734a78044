/**
 * `@peculiar/x509` finds its algorithms through a container that refuses to load without the metadata functions of an
 * abandoned ECMAScript proposal, which it then asks nothing of: no class it makes takes arguments.
 */
const none = () => undefined;
const METADATA = { getMetadata: none, getOwnMetadata: none, defineMetadata: none };

for (const [name, value] of Object.entries(METADATA)) {
  if (Reflect.has(Reflect, name)) continue;
  Object.defineProperty(Reflect, name, { value, configurable: true, writable: true });
}
