using AwesomeAssertions;
using Microsoft.Extensions.Time.Testing;
using PkgForge.Server.Builders;
using Xunit;

namespace PkgForge.Tests.Builders;

public sealed class AlarmTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly Alarm alarm;

    public AlarmTests() => alarm = new(time);

    public void Dispose() => alarm.Dispose();

    [Fact]
    public async Task It_rings_at_the_first_of_its_times_and_once()
    {
        alarm.SetBy(TimeSpan.FromSeconds(30));
        alarm.SetBy(TimeSpan.FromSeconds(10));
        alarm.SetBy(TimeSpan.FromSeconds(20));
        var ring = alarm.WaitAsync(default);
        time.Advance(TimeSpan.FromSeconds(9));
        ring.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        await ring.WaitAsync(TimeSpan.FromSeconds(30));

        var next = alarm.WaitAsync(default);
        time.Advance(TimeSpan.FromHours(1));
        next.IsCompleted.Should().BeFalse("it has not been set again");
        alarm.SetBy(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        await next.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task What_is_overdue_rings_at_once()
    {
        alarm.SetBy(TimeSpan.FromSeconds(-1));
        time.Advance(TimeSpan.Zero);

        await alarm.WaitAsync(default).WaitAsync(TimeSpan.FromSeconds(30));
    }
}
