using AwesomeAssertions;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Registry;

public sealed class RegistriesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("registry.db")]
    [InlineData("mysql:x")]
    [InlineData("sqlite:")]
    [InlineData("postgres: ")]
    [InlineData("postgres:Database=forge;Password=hunter2")]
    [InlineData("postgres:hunter2")]
    [InlineData("postgres:Host=db;Port=hunter2")]
    [InlineData("postgres:Host=db;Pasword=hunter2")]
    public void A_connection_that_is_neither_form_is_refused_without_repeating_it(string connection)
    {
        FluentActions
            .Invoking(() => Registries.Open(new() { Connection = connection }))
            .Should()
            .Throw<ArgumentException>()
            .Where(e =>
                !e.ToString().Contains("hunter2") && (e.Message.Contains("postgres:") || e.Message.Contains("Host"))
            );
    }
}
