/** Version of the event contract; see schema/README.md for what may change within it. */
export const SCHEMA_VERSION = 1;
