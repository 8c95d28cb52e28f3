using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Web.Live;

namespace PkgForge.Cli.Remote;

/// <summary>
/// What a server tells as it happens. A connection that breaks is made again, and goes on after the last event that came; only a server that is away for long, or refuses, is an end.
/// </summary>
/// <param name="server">Who is asked.</param>
/// <param name="tell">Is told when the connection is lost, and when it is there again.</param>
internal sealed class RemoteEvents(FarmServer server, Action<string> tell)
{
    /// <summary>How events are sent.</summary>
    private const string Type = "text/event-stream";

    /// <summary>A server that lives says so every 15 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    /// <summary>So long a server may be away that has answered before.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>A connection that has lasted so long was one.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private string? last;
    private TimeSpan pause = ShortestPause;
    private long? lost;
    private long? opened;
    private bool isBack;

    /// <summary>What becomes of a job, to its end.</summary>
    /// <exception cref="CommandException">There is none, or this user may not look.</exception>
    public IAsyncEnumerable<FarmEvent> FollowAsync(JobId job, CancellationToken cancel) =>
        FollowAsync($"jobs/{job}/events", cancel);

    /// <summary>What becomes of all jobs, or of those of one submitter; without end.</summary>
    public IAsyncEnumerable<FarmEvent> FollowAllAsync(string? submitter, CancellationToken cancel) =>
        FollowAsync(submitter is null ? "events" : $"events?submitter={Uri.EscapeDataString(submitter)}", cancel);

    private async IAsyncEnumerable<FarmEvent> FollowAsync(
        string path,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        for (var known = false; ; known = true)
        {
            await using var connection = await OpenAsync(path, known, cancel);
            if (connection is { IsOver: true })
            {
                yield return new(FarmEvent.End, null, "{}");
                yield break;
            }
            while (connection is not null && await NextAsync(connection, cancel) is { } news)
            {
                yield return news;
                if (news.Name == FarmEvent.End)
                    yield break;
            }
            await PauseAsync(cancel);
        }
    }

    /// <summary>Null when it cannot be reached now; the first time that is an error.</summary>
    private async Task<Connection?> OpenAsync(string path, bool known, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(Type);
        if (last is not null)
            request.Headers.Add("Last-Event-ID", last);
        try
        {
            var answer = await server.SendAsync(request, null, cancel);
            if (answer.StatusCode == HttpStatusCode.OK && answer.Content.Headers.ContentType?.MediaType != Type)
                using (answer)
                    throw new CommandException(ExitCode.Unreachable, ServerTrouble.Stranger(server.Address, answer));
            if (lost is not null && !isBack)
                tell("connected again");
            (opened, isBack) = (TimeProvider.System.GetTimestamp(), true);
            return new(answer, new PatientStream(await answer.Content.ReadAsStreamAsync(cancel), Patience), cancel);
        }
        catch (FarmUnavailableException e) when (known)
        {
            Lose(e.Message);
            return null;
        }
    }

    private async Task<FarmEvent?> NextAsync(Connection connection, CancellationToken cancel)
    {
        try
        {
            if (await connection.Events.MoveNextAsync())
            {
                var (name, item) = (connection.Events.Current.EventType, connection.Events.Current);
                last = item.EventId ?? last;
                return new(name, item.EventId, item.Data);
            }
            Lose($"{server.Address} has ended the connection");
        }
        catch (Exception e)
            when (e is IOException or HttpRequestException or OperationCanceledException
                && !cancel.IsCancellationRequested
            )
        {
            Lose($"the connection to {server.Address} broke");
        }
        return null;
    }

    private void Lose(string why)
    {
        // A connection that is cut at once, by whoever is in between, is none.
        if (opened is { } since && TimeProvider.System.GetElapsedTime(since) > Settled)
            (pause, lost) = (ShortestPause, null);
        opened = null;
        if (lost is null)
        {
            (lost, isBack) = (TimeProvider.System.GetTimestamp(), false);
            tell($"{why}; trying again");
        }
        else if (TimeProvider.System.GetElapsedTime(lost.Value) > Longest)
            throw new FarmUnavailableException($"{why}; it was tried for {Longest.TotalMinutes:0} minutes");
    }

    private async Task PauseAsync(CancellationToken cancel)
    {
        await Task.Delay(pause, cancel);
        pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
    }

    private sealed class Connection(HttpResponseMessage answer, Stream stream, CancellationToken cancel)
        : IAsyncDisposable
    {
        /// <summary>There is nothing to tell (any more).</summary>
        public bool IsOver => answer.StatusCode == HttpStatusCode.NoContent;

        public IAsyncEnumerator<SseItem<string>> Events { get; } =
            SseParser.Create(stream).EnumerateAsync(cancel).GetAsyncEnumerator(cancel);

        public async ValueTask DisposeAsync()
        {
            await Events.DisposeAsync();
            await stream.DisposeAsync();
            answer.Dispose();
        }
    }
}
