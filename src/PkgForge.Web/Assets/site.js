"use strict";
// Pages are whole without this. It keeps what they show up to date while they are looked at, by what the server pushes.

// Listens to the server while the page can be seen: a browser has few connections to a server, and many tabs.
function listen(address, handlers) {
    let events = null;
    let ended = false;

    function change() {
        const wanted = document.visibilityState === "visible" && !ended;
        if (!wanted && events) {
            events.close();
            events = null;
        } else if (wanted && !events) {
            events = new EventSource(address());
            for (const [name, handle] of Object.entries(handlers))
                events.addEventListener(name, handle);
        }
    }

    document.addEventListener("visibilitychange", change);
    change();
    return { end() { ended = true; change(); } };
}

// Parts of a page that change: fetched anew when the server says that something has happened, and put in the old ones' place.
(function () {
    const main = document.getElementById("main");
    if (!main || !main.dataset.live)
        return;
    let running = false;
    let again = false;
    // Of the page that is shown, when all of it is: nothing comes when nothing has changed.
    let tag = null;
    // Somebody writes, or has begun to choose, in a part that has changed: it is put in place when that is over.
    let behind = false;

    async function refresh() {
        if (running) {
            again = true;
            return;
        }
        running = true;
        do {
            again = false;
            try {
                const headers = { Accept: "text/html" };
                if (tag)
                    headers["If-None-Match"] = tag;
                const answer = await fetch(location.pathname + location.search, { headers });
                if (answer.ok)
                    tag = take(new DOMParser().parseFromString(await answer.text(), "text/html")) ? answer.headers.get("ETag") : null;
            } catch {
                // The server is away: the next notice, or the next connection, tries again.
            }
        } while (again);
        running = false;
    }

    function take(page) {
        behind = false;
        for (const part of document.querySelectorAll("[data-part]")) {
            const fresh = page.getElementById(part.id);
            if (!fresh || fresh.innerHTML === part.innerHTML)
                continue;
            const at = part.contains(document.activeElement) ? document.activeElement : null;
            if (at?.matches(fields) || part.querySelector(`details[open] :is(${fields})`)) {
                behind = true;
                continue;
            }
            const [open, focus] = [new Set([...part.querySelectorAll("details[open] > summary")].map(nameOf)), at && nameOf(at)];
            part.replaceChildren(...fresh.childNodes);
            for (const summary of part.querySelectorAll("details > summary"))
                summary.parentElement.open ||= open.has(nameOf(summary));
            if (focus)
                [...part.querySelectorAll(at.tagName)].find(element => nameOf(element) === focus)?.focus({ preventScroll: true });
        }
        return !behind;
    }

    const fields = "input:not([type=hidden]), select, textarea";

    // What is open, or has the focus, is known by its row, where it leads and what it says: others come and go before it.
    function nameOf(element) {
        const row = element.closest("tr")?.querySelector("th")?.textContent;
        return [row, element.getAttribute("href"), element.textContent.replace(/^\d+ files$/, "files").trim()].join("|");
    }

    function catchUp() {
        if (behind)
            refresh();
    }

    document.addEventListener("focusout", catchUp);
    // It does not bubble.
    document.addEventListener("toggle", catchUp, true);

    // What happened between the page and the connection, or while there was none, was not said.
    listen(() => main.dataset.live, { changed: refresh, open: refresh });
})();

// The log of a build that goes on: lines are added as they come. Who looks at its end stays there.
(function () {
    const log = document.getElementById("log");
    if (!log || !log.dataset.log)
        return;
    const most = 5000;
    const end = document.getElementById("end");
    const address = new URL(log.dataset.log, location.href);
    const lines = [...log.querySelectorAll("div")];

    // What comes after a line of the farm can be folded.
    function add(line) {
        let place = log.lastElementChild;
        if (place && place.classList.contains("farm") && !line.classList.contains("farm")) {
            place = document.createElement("details");
            place.open = true;
            place.append(document.createElement("summary"));
            place.firstElementChild.textContent = "fold";
            place.firstElementChild.setAttribute("aria-label", `fold what follows line ${log.lastElementChild.id.slice(1)}`);
            log.append(place);
        }
        const isPart = place instanceof HTMLDetailsElement && !line.classList.contains("farm");
        (isPart ? place : log).append(line);
        lines.push(line);
    }

    function removeFirst() {
        const line = lines.shift();
        const stage = line.closest("details");
        line.remove();
        if (stage && !stage.querySelector("div"))
            stage.remove();
    }

    const listening = listen(() => address.href, {
        lines(event) {
            const follows = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 80;
            const come = document.createElement("template");
            come.innerHTML = event.data;
            [...come.content.children].forEach(add);
            address.searchParams.set("line", Number(event.lastEventId) + 1);
            while (lines.length > most)
                removeFirst();
            if (follows)
                window.scrollTo(0, document.documentElement.scrollHeight);
        },
        end() {
            listening.end();
            if (end)
                end.textContent = "The build has ended.";
        },
    });
})();

// The form to submit needs no script. This sends its files one by one before, so that their progress can be seen, each is checked when it has come, and none is sent twice.
(function () {
    // Files that have come, and what the server calls them.
    const taken = new Map();

    function keyOf(file) {
        return `${file.name} ${file.size} ${file.lastModified}`;
    }

    // Of the page, not of the form: that is another one after what was sent was refused.
    document.addEventListener("submit", async event => {
        const form = event.target;
        if (!form.matches("form[data-upload]"))
            return;
        event.preventDefault();
        const button = form.querySelector("button");
        // What is chosen now: others may be meanwhile.
        const files = [...form.elements.files.files];
        button.disabled = true;
        try {
            if (await sendFiles(form, files))
                await sendForm(form, files);
        } finally {
            button.disabled = false;
        }
    });

    async function sendFiles(form, files) {
        const rows = new Map(files.map(file => [file, row(file)]));
        form.querySelector(".sent").replaceChildren(...rows.values());
        // A .dsc is checked with the files that it names.
        const last = files.filter(file => file.name.endsWith(".dsc"));
        let good = true;
        for (const file of [...files.filter(file => !last.includes(file)), ...last])
            good = await send(form, files, file, rows.get(file)) && good;
        return good;
    }

    function row(file) {
        const [line, bar, said] = ["li", "progress", "span"].map(name => document.createElement(name));
        bar.max = 1;
        bar.value = 0;
        bar.setAttribute("aria-label", file.name);
        line.append(`${file.name} `, bar, said);
        return line;
    }

    function tell(line, text, isBad) {
        line.classList.toggle("bad", isBad);
        line.querySelector("span").textContent = text;
        line.querySelector("progress").hidden = true;
        return !isBad;
    }

    function saidOf(answer) {
        return answer.checked ? "checked" : "has come";
    }

    async function send(form, files, file, line) {
        const before = taken.get(keyOf(file));
        if (before)
            return tell(line, saidOf(before), false);
        const parts = new FormData();
        parts.append("form", form.elements.form.value);
        for (const other of files.map(keyOf).filter(key => taken.has(key)))
            parts.append("upload", taken.get(other).upload);
        parts.append("file", file);
        const answer = await post("/submit/file", parts, line.querySelector("progress"));
        if (!answer)
            return tell(line, "the connection broke: submit again", true);
        if (!answer.upload)
            return tell(line, answer.fault || answer.detail || "was not taken", true);
        taken.set(keyOf(file), answer);
        return tell(line, saidOf(answer), false);
    }

    // fetch does not tell how much has been sent.
    function post(address, parts, bar) {
        return new Promise(resolve => {
            const request = new XMLHttpRequest();
            request.open("POST", address);
            request.setRequestHeader("Accept", "application/json");
            request.responseType = "json";
            request.upload.addEventListener("progress", e => { if (e.lengthComputable) bar.value = e.loaded / e.total; });
            request.addEventListener("load", () => resolve(request.response || {}));
            request.addEventListener("error", () => resolve(null));
            request.send(parts);
        });
    }

    async function sendForm(form, files) {
        const parts = new FormData(form);
        parts.delete("files");
        for (const file of files)
            parts.append("upload", taken.get(keyOf(file)).upload);
        const chosen = new Set(files.map(keyOf));
        for (const [key, answer] of taken)
            if (!chosen.has(key))
                parts.append("unused", answer.upload);
        try {
            const answer = await fetch(form.action, { method: "POST", body: parts, headers: { Accept: "text/html" } });
            // Where it was taken the request was led on to the job's page.
            if (answer.redirected) {
                location.href = answer.url;
                return;
            }
            const page = new DOMParser().parseFromString(await answer.text(), "text/html");
            document.getElementById("main").replaceChildren(...page.getElementById("main").childNodes);
        } catch {
            form.querySelector("button").textContent = "The connection broke: submit again";
        }
    }
})();
