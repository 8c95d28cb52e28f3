using AwesomeAssertions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PkgForge.Registry;
using PkgForge.Web.Hosting;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>What a request is answered with that meets an exception.</summary>
public sealed class GuardTests : ILogger
{
    private readonly List<string> logged = [];

    public static TheoryData<Exception, int> Faults =>
        new()
        {
            { new IOException("No space left on device"), StatusCodes.Status503ServiceUnavailable },
            { new FileNotFoundException("it is gone"), StatusCodes.Status500InternalServerError },
            { new DirectoryNotFoundException("it is gone"), StatusCodes.Status500InternalServerError },
            { new UnauthorizedAccessException("not yours"), StatusCodes.Status500InternalServerError },
            { new FarmFaultException("no mirror"), StatusCodes.Status500InternalServerError },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_the_servers_machine_is_told_and_logged(Exception fault, int status)
    {
        var http = await AnswerAsync(fault);

        http.Response.StatusCode.Should().Be(status);
        http.Response.Body.Position = 0;
        (await new StreamReader(http.Response.Body).ReadToEndAsync(TestContext.Current.CancellationToken))
            .Should()
            .Contain(fault.Message);
        logged.Should().Equal($"POST /api/v1/builder/claim: {fault.Message}");
    }

    [Fact]
    public async Task A_registry_that_is_away_is_no_fault_of_the_server()
    {
        var http = await AnswerAsync(new RegistryUnavailableException("away"));

        http.Response.StatusCode.Should().Be(StatusCodes.Status503ServiceUnavailable);
        http.Response.Headers.RetryAfter.ToString().Should().Be("2");
        logged.Should().BeEmpty();
    }

    private async Task<DefaultHttpContext> AnswerAsync(Exception fault)
    {
        var services = new ServiceCollection().AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        var http = new DefaultHttpContext { RequestServices = services.BuildServiceProvider() };
        (http.Request.Method, http.Request.Path) = ("POST", "/api/v1/builder/claim");
        http.Response.Body = new MemoryStream();
        await Guard.Around(this)(_ => throw fault)(http);
        return http;
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => logged.Add(formatter(state, exception));
}
