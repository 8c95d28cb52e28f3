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
        let whole = true;
        for (const part of document.querySelectorAll("[data-part]")) {
            const fresh = page.getElementById(part.id);
            if (!fresh || fresh.innerHTML === part.innerHTML)
                continue;
            if (part.contains(document.activeElement)) {
                whole = false;
                continue;
            }
            const open = [...part.querySelectorAll("details")].map(details => details.open);
            part.replaceChildren(...fresh.childNodes);
            part.querySelectorAll("details").forEach((details, i) => details.open = open[i] || false);
        }
        return whole;
    }

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

    const listening = listen(() => address.href, {
        lines(event) {
            const follows = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 80;
            log.insertAdjacentHTML("beforeend", event.data);
            address.searchParams.set("line", Number(event.lastEventId) + 1);
            while (log.childElementCount > most)
                log.firstElementChild.remove();
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

// How far an upload is. The form itself needs no script; this sends it so that its progress can be seen.
(function () {
    const form = document.querySelector("form[data-upload]");
    if (!form)
        return;
    form.addEventListener("submit", event => {
        event.preventDefault();
        const [bar, button] = [form.querySelector("progress"), form.querySelector("button")];
        const request = new XMLHttpRequest();
        request.open("POST", form.action);
        request.setRequestHeader("Accept", "text/html");
        request.upload.addEventListener("progress", e => { if (e.lengthComputable) bar.value = e.loaded / e.total; });
        request.addEventListener("load", () => {
            // Where it was taken the request was led on to the job's page.
            if (request.status === 200)
                location.href = request.responseURL;
            else {
                const page = new DOMParser().parseFromString(request.responseText, "text/html");
                document.getElementById("main").replaceChildren(...page.getElementById("main").childNodes);
            }
        });
        request.addEventListener("error", () => { bar.hidden = true; button.disabled = false; button.textContent = "The connection broke: submit again"; });
        bar.hidden = false;
        button.disabled = true;
        request.send(new FormData(form));
    });
})();
