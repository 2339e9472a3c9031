// Places an order with types that were generated from the description, and prints what came of it.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Order = components["schemas"]["OrderOut"];

const client = createClient<paths>({
  baseUrl: process.env.KASSA_URL!,
  headers: { Authorization: `Bearer ${process.env.KASSA_KEY}` },
});

const events = await client.GET("/api/v1/events", {
  params: { query: { status: ["published"], limit: 1 } },
});
const ticketType = events.data?.items[0]?.ticket_types[0];
if (!ticketType) throw new Error("Nothing is on sale.");

const refused = await client.POST("/api/v1/orders", {
  body: {
    lines: [{ ticket_type: ticketType.id, quantity: 2 }],
    customer: { email: "ada@example.com" },
    expected_total: "1.00",
  },
});
if (refused.response.status !== 409 || refused.error?.code !== "total_changed") {
  throw new Error(`Expected another total, and got ${refused.response.status}.`);
}

const placed = await client.POST("/api/v1/orders", {
  params: { header: { "Idempotency-Key": "typescript-1" } },
  body: {
    lines: [{ ticket_type: ticketType.id, quantity: 2 }],
    customer: { email: "ada@example.com", first_name: "Ada", last_name: "Lovelace" },
    expected_total: "90.00",
  },
});
if (!placed.data) throw new Error(JSON.stringify(placed.error));
const order: Order = placed.data;
console.log(JSON.stringify({ number: order.number, total: order.total, status: order.status }));
