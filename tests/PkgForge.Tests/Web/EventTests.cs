using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Access;
using PkgForge.Web.Live;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>What becomes of jobs, as a server tells it.</summary>
public sealed class EventTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;
    private HttpClient client = null!;
    private BuilderSession? session;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        client = new() { BaseAddress = new(server.Address, "/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", await TokenAsync("anna"));
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task A_job_is_told_from_its_registration_to_its_end()
    {
        await site.RegisterAsync("a");
        await using var events = await OpenAsync("jobs/a/events");
        (await JobAsync(events)).State.Should().Be("registered");

        var task = await ClaimAsync();

        var building = await JobAsync(events);
        building.State.Should().Be("building");
        building.Tasks!.Single().Attempts.Single().Outcome.Should().Be("running");
        await File.WriteAllTextAsync(site.Results(task).Log, "==> 12:00:00 source: a.dummy\nhello\nnot whole", Cancel);
        var progress = JsonSerializer.Deserialize(
            (await NextAsync(events, FarmEvent.Progress)).Data,
            EventJson.Default.ProgressJson
        );
        progress.Should().Be(new ProgressJson("dummy-all", 1, "source: a.dummy", 2, "hello"));
        await FinishAsync(task, BuildTaskState.Fail);
        (await JobAsync(events)).State.Should().Be("failed");
        (await NextAsync(events)).EventType.Should().Be(FarmEvent.End);
        (await events.MoveNextAsync()).Should().BeFalse("the connection ends with the job");
    }

    [Fact]
    public async Task Who_comes_again_is_told_what_was_missed_and_nothing_twice()
    {
        await site.RegisterAsync("a");
        await site.RegisterAsync("b");
        string? registered;
        await using (var events = await OpenAsync("jobs/a/events"))
            registered = (await NextAsync(events)).EventId;
        var task = await ClaimAsync();
        await using (var events = await OpenAsync("jobs/b/events", await IdOfAsync("b")))
        {
            // Nothing of what is known; the next that is told is new.
            var other = await ClaimAsync("b2");
            (await JobAsync(events)).State.Should().Be("building");
            await FinishAsync(other, BuildTaskState.Success);
        }

        await using (var events = await OpenAsync("jobs/a/events", registered))
            (await JobAsync(events)).State.Should().Be("building", "that was missed");
        await FinishAsync(task, BuildTaskState.Success);
        await server.RestartAsync();
        string? final;
        await using (var events = await OpenAsync("jobs/a/events", registered))
        {
            var last = await NextAsync(events);
            (await NextAsync(events)).EventType.Should().Be(FarmEvent.End);
            Read(last).State.Should().Be("successful");
            final = last.EventId;
        }
        using var again = await SendAsync("jobs/a/events", final);
        again.StatusCode.Should().Be(HttpStatusCode.NoContent, "a browser does not come again to that");
    }

    [Fact]
    public async Task A_hundred_watchers_of_one_job_are_all_told_how_it_ended()
    {
        await site.RegisterAsync("a");
        var watching = Enumerable.Range(0, 100).Select(_ => StatesAsync("a")).ToList();
        var task = await ClaimAsync();
        await FinishAsync(task, BuildTaskState.Success);

        var states = await Task.WhenAll(watching).WaitAsync(Patience, Cancel);

        states.Should().OnlyContain(told => told.Last() == "successful");
        states.Should().OnlyContain(told => told.Distinct().Count() == told.Count, "nothing is told twice");
    }

    [Fact]
    public async Task A_job_that_does_not_exist_has_no_events_and_one_in_incoming_has()
    {
        using (var none = await SendAsync("jobs/nothing/events", null))
            none.StatusCode.Should().Be(HttpStatusCode.NotFound);
        Directory.CreateDirectory($"{site.Farm.Spool.Incoming.Path}/fresh");
        await using var events = await OpenAsync("jobs/fresh/events");
        (await JobAsync(events)).State.Should().Be("incoming");
        (await client.GetStringAsync("jobs/fresh", Cancel)).Should().Contain("\"incoming\"");

        await site.RegisterAsync("fresh");

        (await JobAsync(events)).State.Should().Be("registered");
    }

    [Fact]
    public async Task The_farm_is_told_whole_and_then_as_it_changes()
    {
        await site.RegisterAsync("old", change: job => job with { Submitter = "anna" });
        await using var events = await OpenAsync("events");
        var whole = JsonSerializer.Deserialize((await NextAsync(events)).Data, EventJson.Default.FarmJson)!;
        whole
            .Jobs.Should()
            .ContainSingle(job => job.Id == "old" && job.Waits == "no-builder" && job.WaitsFor == "a builder");

        await site.RegisterAsync("new", change: job => job with { Submitter = "bert" });

        (await UntilAsync(events, job => job.Id == "new")).State.Should().Be("registered");
        var task = await ClaimAsync();
        var building = await UntilAsync(events, job => job.Id == "old" && job.State == "building");
        building.Building.Should().ContainSingle(running => running.Builder == "b1" && running.Attempt == 1);
        await FinishAsync(task, BuildTaskState.Success);
        (await UntilAsync(events, job => job.Id == "old" && job.State == "successful")).Ended.Should().NotBeNull();
    }

    [Fact]
    public async Task Who_comes_again_to_the_farm_is_told_what_was_missed_or_all_anew()
    {
        await site.RegisterAsync("old", change: job => job with { Submitter = "anna" });
        string? id;
        await using (var events = await OpenAsync("events?submitter=anna"))
            id = (await NextAsync(events)).EventId;
        await site.RegisterAsync("hers", change: job => job with { Submitter = "anna" });
        await site.RegisterAsync("his", change: job => job with { Submitter = "bert" });
        var task = await ClaimAsync();
        await FinishAsync(task, BuildTaskState.Success);

        await using (var events = await OpenAsync("events?submitter=anna", id))
        {
            var ended = await UntilAsync(
                events,
                job => job.Id == "old" && job.Ended is not null,
                job => job.Submitter == "anna"
            );
            ended.State.Should().Be("successful");
        }
        await server.RestartAsync();
        await using (var events = await OpenAsync("events?submitter=anna", id))
        {
            var first = await NextAsync(events);
            first.EventType.Should().Be(FarmEvent.Farm);
            JsonSerializer
                .Deserialize(first.Data, EventJson.Default.FarmJson)!
                .Jobs.Select(job => job.Id)
                .Should()
                .Equal("hers");
        }
    }

    [Fact]
    public async Task A_log_is_told_by_lines_and_goes_on_at_the_byte_where_it_broke()
    {
        await site.RegisterAsync("a");
        var task = await ClaimAsync();
        var log = site.Results(task).Log;
        await File.WriteAllTextAsync(log, "one\ntwo é\nthr", Cancel);
        const string Path = "jobs/a/tasks/dummy-all/attempts/1/log?follow=1";
        string? id;
        await using (var events = await OpenAsync(Path))
        {
            var first = await NextAsync(events);
            Lines(first).Should().BeEquivalentTo(new LogLinesJson(0, ["one", "two é"]));
            id = first.EventId;
            id.Should().Be("11", "é has two bytes");
        }
        await File.AppendAllTextAsync(log, $"ee\n{new string('x', 100_000)}\nlast", Cancel);
        await FinishAsync(task, BuildTaskState.Success);

        var text = new StringBuilder();
        await using (var events = await OpenAsync(Path, id))
        {
            for (var next = await NextAsync(events); next.EventType != FarmEvent.End; next = await NextAsync(events))
            {
                var lines = Lines(next);
                text.AppendJoin('\n', lines.Lines).Append(lines.Continues is true ? "" : "\n");
            }
        }

        text.ToString().Should().Be($"three\n{new string('x', 100_000)}\nlast\n");
    }

    [Fact]
    public async Task Connections_that_stay_open_are_bounded_for_each_account()
    {
        await site.RegisterAsync("a");
        var open = new List<HttpResponseMessage>();
        while (open.Count < 300 && (open.Count == 0 || open[^1].IsSuccessStatusCode))
            open.Add(await SendAsync("jobs/a/events", null));
        open.Should().HaveCount(257);
        open[^1].StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        client.DefaultRequestHeaders.Authorization = new("Bearer", await TokenAsync("bert"));
        using (var others = await SendAsync("jobs/a/events", null))
            others.StatusCode.Should().Be(HttpStatusCode.OK, "others are not held up");

        open.ForEach(answer => answer.Dispose());
    }

    [Fact]
    public async Task A_list_says_what_jobs_wait_for()
    {
        await site.RegisterAsync("a");

        var answer = await client.GetStringAsync("jobs", Cancel);

        answer.Should().Contain("\"waits\":\"no-builder\"").And.Contain("\"waits_for\":\"a builder\"");
        (await client.GetStringAsync("jobs/a", Cancel)).Should().Contain("\"order\":\"given\"");
    }

    private async Task<List<string>> StatesAsync(string job)
    {
        var states = new List<string>();
        await using var events = await OpenAsync($"jobs/{job}/events");
        for (var next = await NextAsync(events); next.EventType != FarmEvent.End; next = await NextAsync(events))
            if (next.EventType == FarmEvent.Job)
                states.Add(Read(next).State);
        return states;
    }

    private async Task<string?> IdOfAsync(string job)
    {
        await using var events = await OpenAsync($"jobs/{job}/events");
        return (await NextAsync(events)).EventId;
    }

    private async Task<ClaimedTask> ClaimAsync(string builder = "b1")
    {
        if (builder != "b1" || session is null)
            session = (await site.Registry.AttachBuilderAsync(builder, "here", Cancel)).Session!;
        var task = (await site.Registry.ClaimNextTaskAsync(session, Cancel))!;
        site.Farm.Spool.Results.Open(task.Job, task.Platform, task.Attempt);
        return task;
    }

    private async Task FinishAsync(ClaimedTask task, BuildTaskState state) =>
        (
            await site.Registry.FinishTaskAsync(
                task.Lease,
                new(state, state == BuildTaskState.Fail ? Cause.Compile : null, null, null, [], null),
                Cancel
            )
        )
            .Should()
            .BeTrue();

    private async Task<HttpResponseMessage> SendAsync(string path, string? after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (after is not null)
            request.Headers.Add("Last-Event-ID", after);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private async Task<Opened> OpenAsync(string path, string? after = null)
    {
        var answer = await SendAsync(path, after);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        return new(answer, await answer.Content.ReadAsStreamAsync(Cancel));
    }

    private static async Task<SseItem<string>> NextAsync(Opened events, string? name = null)
    {
        do (await events.MoveNextAsync()).Should().BeTrue("there is more to tell");
        while (name is not null && events.Current.EventType != name);
        return events.Current;
    }

    private static async Task<JobJson> JobAsync(Opened events) => Read(await NextAsync(events, FarmEvent.Job));

    private static async Task<JobJson> UntilAsync(
        Opened events,
        Func<JobJson, bool> expected,
        Func<JobJson, bool>? always = null
    )
    {
        while (true)
        {
            var job = await JobAsync(events);
            always?.Invoke(job).Should().BeTrue("of {0}", job);
            if (expected(job))
                return job;
        }
    }

    private static JobJson Read(SseItem<string> item) =>
        JsonSerializer.Deserialize(item.Data, EventJson.Default.JobJson)!;

    private static LogLinesJson Lines(SseItem<string> item) =>
        JsonSerializer.Deserialize(item.Data, EventJson.Default.LogLinesJson)!;

    private async Task<string> TokenAsync(string account)
    {
        var token = Secret.NewToken();
        await site.Registry.AddAccountAsync(account, AccountRole.Viewer, Cancel);
        await site.Registry.AddCredentialAsync(
            account,
            new(Secret.Sha256Of(token), Session: false, "t", true, TimeSpan.FromHours(1)),
            Cancel
        );
        return token;
    }

    /// <summary>An answer that goes on.</summary>
    private sealed class Opened(HttpResponseMessage answer, Stream stream) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<SseItem<string>> events = SseParser
            .Create(stream)
            .EnumerateAsync(Cancel)
            .GetAsyncEnumerator(Cancel);

        public SseItem<string> Current => events.Current;

        public Task<bool> MoveNextAsync() => events.MoveNextAsync().AsTask().WaitAsync(Patience, Cancel);

        public async ValueTask DisposeAsync()
        {
            await events.DisposeAsync();
            await stream.DisposeAsync();
            answer.Dispose();
        }
    }
}
