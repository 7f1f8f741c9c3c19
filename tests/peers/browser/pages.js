// Opens the page of a review in Chromium, as people do, and writes what they see as JSON.
//
// `pages.js BROWSER look ADDRESS` only looks, `pages.js BROWSER decide ADDRESS` presses buttons.
"use strict";
const { readFileSync } = require("node:fs");
const { chromium } = require("playwright-core");

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [browserPath, task, address] = process.argv.slice(2);

// What somebody sees, whether anything sticks out, and what a page says of itself.
const sight = () => ({
    title: document.title,
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll("h1, h2, h3, h4")].map(
        (it) => `${it.localName}: ${it.innerText}`,
    ),
    text: document.body.innerText.split("\n").filter((line) => line.trim() !== ""),
    scripts: document.scripts.length,
    buttons: [...document.querySelectorAll("button, a, input:not([type=hidden])")].map((it) => {
        const { left, right, height } = it.getBoundingClientRect();
        const inside = left >= 0 && right <= document.documentElement.clientWidth;
        return { label: it.innerText, inside, high: height >= 24 };
    }),
    sticksOut: document.documentElement.scrollWidth > document.documentElement.clientWidth,
});

// The page in a window of its own, and all that the browser asked for and complained about.
async function open(browser, options) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const seen = { requests: [], complaints: [] };
    page.on("request", (request) => {
        const kind = request.resourceType();
        const headers = request.headers();
        seen.requests.push(`${request.method()} ${kind} ${headers.referer || "no referrer"}`);
    });
    page.on("console", (message) => seen.complaints.push(message.text()));
    page.on("pageerror", (error) => seen.complaints.push(String(error)));
    const answer = await page.goto(address);
    return { context, page, seen, status: answer.status() };
}

// What the checker of accessibility finds; the page runs no script, so its policy is set aside.
async function barriers(browser, colorScheme) {
    const { context, page } = await open(browser, { bypassCSP: true, colorScheme });
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document));
    await context.close();
    const places = (it) => it.nodes.map((node) => node.target.join(" "));
    return {
        violations: found.violations.map((it) => `${it.id}: ${places(it).join(", ")}`),
        unsure: found.incomplete.map((it) => `${it.id}: ${places(it).join(", ")}`),
        checked: found.passes.length,
    };
}

async function look(browser) {
    const views = [];
    for (const width of [320, 1280]) {
        for (const colorScheme of ["light", "dark"]) {
            const viewport = { width, height: 640 };
            const options = { viewport, colorScheme, javaScriptEnabled: false };
            const { context, page, seen, status } = await open(browser, options);
            const view = { width, colorScheme, status, ...seen, ...(await page.evaluate(sight)) };
            if (process.env.TENURE_PICTURES !== undefined) {
                const name = `${width}-${colorScheme}.png`;
                await page.screenshot({ path: `${process.env.TENURE_PICTURES}/${name}` });
            }
            await page.keyboard.press("Tab");
            const focus = () => {
                const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
                return `${document.activeElement.innerText}: ${outlineStyle} ${outlineWidth}`;
            };
            views.push({ ...view, focus: await page.evaluate(focus) });
            await context.close();
        }
    }
    const context = await browser.newContext();
    for (const purpose of ["prefetch", "prefetch;prerender", "preview"]) {
        const headers = { "Sec-Purpose": purpose, Purpose: purpose };
        for (const method of ["GET", "HEAD"]) {
            await context.request.fetch(address, { method, headers });
        }
    }
    await context.close();
    return {
        views,
        light: await barriers(browser, "light"),
        dark: await barriers(browser, "dark"),
    };
}

async function decide(browser) {
    const options = { viewport: { width: 320, height: 640 }, javaScriptEnabled: false };
    const first = await open(browser, options);
    const second = await open(browser, options);
    const press = async ({ page }, name) => {
        const answered = page.waitForResponse((it) => it.request().method() === "POST");
        await page.getByRole("button", { name }).click();
        const answer = await answered;
        await page.waitForLoadState();
        return { status: answer.status(), ...(await page.evaluate(sight)) };
    };
    const kept = await press(first, "Still needed");
    const late = await press(second, "No longer needed");
    // Whoever goes back sees how it came out, not the question.
    await first.page.goBack();
    const back = await first.page.evaluate(sight);
    const { requests, complaints } = first.seen;
    return { kept, late, back, requests, complaints, light: await barriers(browser, "light") };
}

async function main() {
    const browser = await chromium.launch({ executablePath: browserPath });
    try {
        const found = task === "look" ? await look(browser) : await decide(browser);
        process.stdout.write(JSON.stringify(found, null, 1));
    } finally {
        await browser.close();
    }
}

main();
