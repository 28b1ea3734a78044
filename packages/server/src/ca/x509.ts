// oxlint-disable-next-line import/no-unassigned-import -- the library below does not load without
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** The library, once what it needs is there. Nothing else imports it. */
export { x509 };
