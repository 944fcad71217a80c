// The journey once more, in one go, over PostgreSQL.
import { newDatabase } from "./support/database.ts";
import { House } from "./support/house.ts";
import { call, connect, converse, lookUp, revoke, setUp, stop } from "./support/journey.ts";
import { test as base } from "./support/test.ts";

const test = base.extend({
  house: async ({}, use) => {
    const house = await House.empty({ database: newDatabase() });
    await use(house);
    await house.leave();
  },
});

test.use({ stage: "new" });

test("a newcomer's way works on PostgreSQL", async ({ page, house, stranger }) => {
  await setUp(page, house, stranger);
  await connect(page, house);
  const secret = await call(page, house);
  await lookUp(page);
  await converse(page, true);
  await stop(page, house, true);
  await revoke(page, house, secret);
});
