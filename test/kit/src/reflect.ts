/**
 * `@peculiar/x509` finds its algorithms through a container that refuses to load without the metadata functions of an
 * abandoned ECMAScript proposal, which it then asks nothing of: no class it makes takes arguments.
 */
const none = () => undefined;
const metadata = { getMetadata: none, getOwnMetadata: none, defineMetadata: none };
for (const [name, value] of Object.entries(metadata))
  if (!Reflect.has(Reflect, name))
    Object.defineProperty(Reflect, name, { value, configurable: true, writable: true });
