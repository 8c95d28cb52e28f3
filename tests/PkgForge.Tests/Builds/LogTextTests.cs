using AwesomeAssertions;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("plain, \t Grüße \U0001F600", "plain, \t Grüße \U0001F600")]
    [InlineData("\e[1;31merror:\e[0m no\e[K", "error: no")]
    [InlineData("\e[2J\e[1;1H\e[?25lgone", "gone")]
    [InlineData("\e]0;title\a", "^[]0;title^G")]
    [InlineData("\eP$q\e\\", "^[P$q^[\\")]
    [InlineData("50 %\r\b100 %\0\x7f", "50 %^M^H100 %^@^?")]
    [InlineData("\u009b2J\u0085\u2028", @"\u009b2J\u0085\u2028")]
    [InlineData("user\u202egnp.exe\u2066", @"user\u202egnp.exe\u2066")]
    [InlineData("\e[31", "^[[31")]
    public void Nothing_commands_a_terminal(string line, string plain) => LogText.Plain(line).Should().Be(plain);

    [Theory]
    [InlineData("\e[1;31merror:\e[0m no", "\e[1;31merror:\e[0m no\e[0m")]
    [InlineData("\e[32mok", "\e[32mok\e[0m")]
    [InlineData("\e[mok", "\e[mok\e[0m")]
    [InlineData("\e[8mhidden \e[30;40mblack \e[5mblink \e[38;5;1mx", "hidden black blink x")]
    [InlineData("\e[31;8mhidden \e[2Jx", "hidden x")]
    [InlineData("plain", "plain")]
    public void Of_control_codes_only_harmless_colours_stay_and_end_with_the_line(string line, string coloured) =>
        LogText.Coloured(line).Should().Be(coloured);

    [Theory]
    [InlineData("==> 12:00:00 done", @"==\> 12:00:00 done")]
    [InlineData("\e[1m ==> done\e[0m", "\e[1m ==\\> done\e[0m")]
    [InlineData("a ==> b", "a ==> b")]
    [InlineData("^M==> b", "^M==> b")]
    public void A_line_that_looks_like_the_farms_is_marked(string line, string quoted) =>
        LogText.Quote(line).Should().Be(quoted);

    [Fact]
    public void A_hostile_line_takes_no_long_time()
    {
        foreach (var part in new[] { "\e[", "\e[1;", "\e[0;0", "==>", "\e" })
        {
            var line = string.Concat(Enumerable.Repeat(part, 100_000));
            var started = TimeProvider.System.GetTimestamp();
            LogText.Quote(LogText.Coloured(line));
            LogText.Quote(LogText.Coloured("\e[" + string.Concat(Enumerable.Repeat("1;", 200_000))));
            TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(10), "of '{0}'", part);
        }
    }
}
