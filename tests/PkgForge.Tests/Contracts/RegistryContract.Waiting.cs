using AwesomeAssertions;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    private static readonly OutgoingMail Mail = new(
        ["ada@example.org", "bob@example.org"],
        "hello: success",
        new Dictionary<string, string> { ["X-PkgForge-Status"] = "success" },
        "Built.\nAll of it."
    );

    [Fact]
    public async Task A_registered_task_wakes_who_waits_also_in_another_process()
    {
        await using var other = Registries.Open(Options);
        await using var wakeUp = await other.ListenAsync(Topic.Tasks(Bookworm), Cancel);
        var wait = wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel);
        wait.IsCompleted.Should().BeFalse();

        await RegisterAsync("hello");

        await wait.WaitAsync(Long, Cancel);
    }

    [Fact]
    public async Task What_is_registered_before_the_wait_wakes_it()
    {
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);
        await RegisterAsync("hello");

        await wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel).WaitAsync(Long, Cancel);
    }

    [Fact]
    public async Task A_wait_without_news_ends_after_its_time_and_the_next_one_still_wakes()
    {
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);
        await wakeUp.WaitAsync(TimeSpan.FromMilliseconds(1), Cancel).WaitAsync(Long, Cancel);

        var wait = wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel);
        await RegisterAsync("hello");
        await wait.WaitAsync(Long, Cancel);
    }

    [Fact]
    public async Task Putting_back_and_retrying_wake_who_waits()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        var claim = await ClaimAsync(builder);
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);

        await Registry.RequeueAsync(claim.Lease, AttemptOutcome.Interrupted, "shutdown", null, Cancel);
        await wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel).WaitAsync(Long, Cancel);

        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Fail);
        await RetryJobAsync("hello");
        await wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel).WaitAsync(Long, Cancel);
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var wait = wakeUp.WaitAsync(TimeSpan.FromHours(1), stop.Token);

        await stop.CancelAsync();

        await FluentActions.Awaiting(() => wait).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task A_mail_is_due_at_once_and_then_ever_later_until_it_is_removed()
    {
        await PostAsync(1);

        for (var tries = 1; tries <= 9; tries++)
        {
            var item = (await Registry.TakeMailAsync(10, Cancel)).Single();
            item.Tries.Should().Be(tries);
            item.Mail.Should().BeEquivalentTo(Mail);
            (await Registry.TakeMailAsync(10, Cancel)).Should().BeEmpty("it has just been taken");
            // Not yet due a little before its time, due a little after it: 1, 2, 4 ... 32 minutes, then an hour.
            var wait = (int)Math.Min(60 * Math.Pow(2, tries - 1), 3600);
            await ShiftMailAsync(wait - 20);
            (await Registry.TakeMailAsync(10, Cancel)).Should().BeEmpty();
            await ShiftMailAsync(40);
        }

        await Registry.RemoveMailAsync((await Registry.TakeMailAsync(1, Cancel)).Single().Id, Cancel);
        (await Registry.CountAsync(Cancel))["outbox"].Should().Be(0);
    }

    [Fact]
    public async Task Takers_at_once_never_take_the_same_mail()
    {
        await PostAsync(60);
        await using var other = Registries.Open(Options);

        var taken = await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(i => Task.Run(() => (i % 2 == 0 ? Registry : other).TakeMailAsync(5, Cancel), Cancel))
        );

        taken.SelectMany(mails => mails).Select(mail => mail.Id).Should().HaveCount(60).And.OnlyHaveUniqueItems();
    }

    private async Task PostAsync(int mails)
    {
        for (var i = 0; i < mails; i++)
            await Registry.RegisterRejectedAsync(Rejected($"job-{i}", Sha) with { Mail = Mail }, Cancel);
    }

    /// <summary>Lets time pass for the outbox.</summary>
    private Task ShiftMailAsync(int seconds) => ExecuteAsync($"UPDATE outbox SET due = due - {Seconds(seconds)}");
}
