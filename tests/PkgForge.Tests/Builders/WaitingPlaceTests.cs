using System.Threading.Channels;
using AwesomeAssertions;
using Microsoft.Extensions.Time.Testing;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builders;
using Xunit;

namespace PkgForge.Tests.Builders;

public sealed class WaitingPlaceTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider time = new();
    private readonly Hand hand = new();
    private readonly WaitingPlace place;

    public WaitingPlaceTests() => place = new(hand, time);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => place.DisposeAsync();

    [Fact]
    public async Task The_registrys_wake_up_and_a_ring_both_end_the_wait()
    {
        var wait = WaitAsync();
        hand.Wake();
        (await wait).Should().BeTrue();

        wait = WaitAsync();
        place.Ring();
        (await wait).Should().BeTrue();
    }

    [Fact]
    public async Task A_ring_before_the_wait_ends_one_wait_and_no_more()
    {
        place.Ring();
        place.Ring();
        (await WaitAsync()).Should().BeTrue();

        var wait = WaitAsync(TimeSpan.FromMinutes(1));
        wait.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromMinutes(1));
        (await wait).Should().BeFalse();
    }

    [Fact]
    public async Task A_second_wait_takes_the_place_of_the_first()
    {
        var first = WaitAsync();
        var second = WaitAsync();

        (await first).Should().BeFalse();
        place.Ring();
        (await second).Should().BeTrue();
    }

    [Fact]
    public async Task A_wait_that_is_given_up_takes_no_ring_with_it()
    {
        using var stop = new CancellationTokenSource();
        var wait = place.WaitAsync(Timeout.InfiniteTimeSpan, stop.Token);
        await stop.CancelAsync();
        await FluentActions.Awaiting(() => wait).Should().ThrowAsync<OperationCanceledException>();

        place.Ring();
        (await WaitAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task Who_is_refused_stays_so()
    {
        var wait = WaitAsync();
        place.Refuse("taken over");

        foreach (var one in new[] { wait, WaitAsync() })
            await FluentActions
                .Awaiting(() => one)
                .Should()
                .ThrowAsync<BuilderRefusedException>()
                .WithMessage("taken over");
    }

    [Fact]
    public async Task A_place_that_is_closed_keeps_nobody()
    {
        var wait = WaitAsync();
        await place.DisposeAsync();

        (await wait).Should().BeTrue();
        (await WaitAsync()).Should().BeTrue();
        hand.Closed.Should().BeTrue();
    }

    [Fact]
    public async Task It_knows_for_how_long_nobody_has_waited()
    {
        time.Advance(TimeSpan.FromMinutes(1));
        place.Idle.Should().Be(TimeSpan.FromMinutes(1));
        var wait = WaitAsync(TimeSpan.FromMinutes(10));
        time.Advance(TimeSpan.FromMinutes(5));
        place.Idle.Should().Be(TimeSpan.Zero);
        place.Ring();
        await wait;
        time.Advance(TimeSpan.FromMinutes(2));
        place.Idle.Should().Be(TimeSpan.FromMinutes(2));
    }

    private Task<bool> WaitAsync(TimeSpan? atMost = null) =>
        place.WaitAsync(atMost ?? Timeout.InfiniteTimeSpan, default).WaitAsync(Long);

    /// <summary>A wake-up that the test gives.</summary>
    private sealed class Hand : IWakeUp
    {
        private readonly Channel<bool> wakes = Channel.CreateUnbounded<bool>();

        public bool Closed { get; private set; }

        public void Wake() => wakes.Writer.TryWrite(true);

        public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel) =>
            wakes.Reader.ReadAsync(cancel).AsTask();

        public ValueTask DisposeAsync()
        {
            Closed = true;
            return ValueTask.CompletedTask;
        }
    }
}
