/** What an object used as a table has under a name from outside, which may be `constructor`. @param {any} table @param {string} name */
export const ownValue = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined);
